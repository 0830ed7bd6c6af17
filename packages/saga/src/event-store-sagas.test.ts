import { memoryBus, memoryGroups, memorySchedules, memoryTopicLog, turnedClock } from '@pipit/bus/memory';
import { memoryStore } from '@pipit/store/memory';
import { eventStoreSagas } from './event-store-sagas.ts';
import { testSagaRepository } from './testing.ts';

testSagaRepository('an event store in memory', async (saga) => {
  const clock = turnedClock('2026-01-01T00:00:00Z');
  const store = memoryStore({ name: 'contract', aggregates: [saga.aggregate], clock: clock.now });
  const topics = memoryTopicLog('contract');
  const groups = memoryGroups();
  const schedules = memorySchedules(topics, clock);
  const another = async () => {
    const bus = memoryBus({ store, aggregates: [saga.aggregate, answers(saga)], topics, groups });
    return eventStoreSagas({ store, bus, schedules, clock: clock.now });
  };
  return {
    another,
    advance: clock.advance,
    close: () => store.close(),
  };
});

/** Whose events sagas wait for. */
function answers({ events }: { readonly events: readonly { readonly type: string }[] }) {
  return { type: 'answers', events: events as never[] };
}
