import { perSecond, type Row } from '@pipit/tooling/bench';
import { inbox } from '../index.ts';
import { jetStreamBus, jetStreamOperations, kvInbox } from '../jetstream.ts';
import { Account, countOf, type } from './event-log.fixture.ts';
import type { BusSetting } from './setting.fixture.ts';

/** The least that counts as no difference; less where two runs of the same differ by more. */
const noise = 0.02;

/** Events outside of operations, in a group without an inbox beside one that has it; and the same with neither there. */
export const notUsed: Row<BusSetting> = {
  row: 'operations and inbox, when not used',
  goal: 1 - noise,
  against: 'a bus that has neither, or as much less as two runs of that differ',
  times: 2,
  async measure({ pipit, eventLog }, rounds) {
    const log = await eventLog();
    const { events, store } = log;
    const options = { connection: pipit, store, aggregates: [Account] };
    const operations = await jetStreamOperations({ connection: pipit, store });
    const place = await kvInbox({ connection: pipit, store });
    const bare = await jetStreamBus(options);
    const ready = await jetStreamBus({ ...options, recorder: operations.recorder, use: [] });
    const guarded = log.newGroup();
    await ready.subscribe({ group: guarded, from: 'new', use: [inbox(place)], on: { [type]: () => {} } })
      .ready;

    async function handleAll(bus: typeof bare) {
      const count = countOf(events);
      const subscription = bus.subscribe({
        group: log.newGroup(),
        on: { [type]: ({ data }) => count.add(data.cents) },
      });
      await count.all;
      await subscription.stop();
    }

    const took = await rounds.compare({
      without: () => handleAll(bare),
      ready: () => handleAll(ready),
      again: () => handleAll(bare),
    });
    await Promise.all([bare.stop(), ready.stop()]);
    await operations.close();
    await log.forgetGroups();
    // Both are the same work.
    const without = (took.without + took.again) / 2;
    const differ = Math.abs(took.without - took.again) / without;
    const ratio = without / took.ready;
    return {
      ratio,
      met: ratio >= 1 - Math.max(noise, differ),
      detail:
        `${perSecond(events, took.ready)} against ${perSecond(events, took.without)} and ` +
        `${perSecond(events, took.again)} of the same bus twice, which differ by ${(100 * differ).toFixed(1)} %`,
    };
  },
};
