import type { EventOf } from '@pipit/types-registry';
import type { AggregateEvents } from './aggregate-events.ts';
import type { Bus } from './bus.ts';
import { type MemoryBusOptions, type MemoryGroups, openMemoryBus } from './memory/memory-bus.ts';

export type { AggregateEvents } from './aggregate-events.ts';
export { type MemoryCommandsOptions, memoryCommands } from './memory/commands/memory-commands.ts';
export { type MemoryNetwork, memoryNetwork } from './memory/commands/memory-transport.ts';
export { type MemoryInboxOptions, memoryInbox } from './memory/inbox/memory-inbox.ts';
export type { MemoryBusOptions, MemoryGroups } from './memory/memory-bus.ts';
export type { EventFeed } from './memory/memory-feed.ts';
export { type MemoryOperationsOptions, memoryOperations } from './memory/operations/memory-operations.ts';
export {
  type AlarmClock,
  systemClock,
  type TurnedClock,
  turnedClock,
} from './memory/schedules/alarm-clock.ts';
export { memorySchedules } from './memory/schedules/memory-schedules.ts';
export {
  type MemoryTopicLog,
  type MemoryTopicMessage,
  memoryTopicLog,
} from './memory/topics/memory-topic-log.ts';
export { memoryTopics } from './memory/topics/memory-topics.ts';

/**
 * A bus in this process, on any event store: the same behaviour as on JetStream, for tests and trials. How far its
 * groups have come, and their dead letters, are gone with the process.
 *
 * @throws InvalidRegistryError
 */
export function memoryBus<A extends AggregateEvents>(
  options: MemoryBusOptions<A>,
): Bus<EventOf<A['events'][number]>> {
  return openMemoryBus(options);
}

/** Groups for several memory buses to share, as if they were processes. */
export function memoryGroups(): MemoryGroups {
  return { groups: new Map(), letters: undefined };
}
