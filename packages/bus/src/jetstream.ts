import type { EventOf } from '@pipit/types-registry';
import type { AggregateEvents } from './aggregate-events.ts';
import type { Bus } from './bus.ts';
import { type JetStreamBusOptions, openBus } from './jetstream/jetstream-bus.ts';

export type { AggregateEvents } from './aggregate-events.ts';
export { type JetStreamCommandsOptions, jetStreamCommands } from './jetstream/commands/jetstream-commands.ts';
export type { ServiceOptions } from './jetstream/commands/service.ts';
export type { InboxBucketSettings } from './jetstream/inbox/ensure-inbox-bucket.ts';
export { type KvInboxOptions, kvInbox } from './jetstream/inbox/kv-inbox.ts';
export type { JetStreamBusOptions } from './jetstream/jetstream-bus.ts';
export {
  type JetStreamOperationsOptions,
  jetStreamOperations,
} from './jetstream/operations/jetstream-operations.ts';
export { jetStreamSchedules } from './jetstream/schedules/jetstream-schedules.ts';
export type { TopicStreamSettings } from './jetstream/topics/ensure-topics-stream.ts';
export { jetStreamTopics } from './jetstream/topics/jetstream-topics.ts';
export type { JetStreamTopicsOptions } from './jetstream/topics/open-topics.ts';

/**
 * A bus on the stream of a store. A group is a durable pull consumer of that stream, named by the group; what groups
 * could not handle is kept in the stream `<store>_dead`, which is created where there is none.
 *
 * @throws StoreNotFoundError; StreamMismatchError where the stream is not one of Pipit's; ConnectionError where
 * JetStream is off or does not answer; InvalidSubjectTokenError for a name no store can have; InvalidRegistryError
 */
export function jetStreamBus<A extends AggregateEvents>(
  options: JetStreamBusOptions<A>,
): Promise<Bus<EventOf<A['events'][number]>>> {
  return openBus(options);
}
