import { memoryBus, memoryGroups, memorySchedules, memoryTopicLog, turnedClock } from '@pipit/bus/memory';
import type { Aggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { eventStoreSagas } from './event-store-sagas.ts';

/** An event store in memory, and what keeps sagas in it. */
export function memoryEventStore(aggregates: readonly Aggregate[]) {
  const clock = turnedClock('2026-01-01T00:00:00Z');
  const store = memoryStore({ name: 'events', aggregates, clock: clock.now });
  const topics = memoryTopicLog('events');
  const logger = { info() {}, warn() {}, error() {} };
  const bus = memoryBus({ store, aggregates, topics, groups: memoryGroups(), logger });
  const schedules = memorySchedules(topics, clock);
  return { store, repository: eventStoreSagas({ store, bus, schedules, clock: clock.now }) };
}
