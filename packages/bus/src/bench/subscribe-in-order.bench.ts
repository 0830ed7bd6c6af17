import { setTimeout as delay } from 'node:timers/promises';
import { perSecond, type Row } from '@pipit/tooling/bench';
import { jetStreamBus } from '../jetstream.ts';
import { Account, countOf, type } from './event-log.fixture.ts';
import type { BusSetting } from './setting.fixture.ts';

const concurrency = 64;
/** What 64 handlers of exactly a millisecond come to, in a second. */
const ideal = concurrency * 1_000;

export const subscribeInOrder: Row<BusSetting> = {
  row: 'subscribe in order per key, concurrency 64, a 1 ms handler, 1000 keys',
  goal: 0.8,
  against: '64 / 1 ms',
  async measure({ pipit, eventLog }, rounds) {
    const log = await eventLog();
    const { events, store } = log;
    const bus = await jetStreamBus({ connection: pipit, store, aggregates: [Account] });
    const took = await rounds.compare({
      async pipit() {
        const count = countOf(events);
        const subscription = bus.subscribe({
          group: log.newGroup(),
          order: 'key',
          concurrency,
          on: {
            async [type]({ data }) {
              await delay(1);
              count.add(data.cents);
            },
          },
        });
        await count.all;
        await subscription.stop();
      },
      /** A timer of a millisecond takes longer than that, here and in the handlers. */
      async timers() {
        let left = events;
        const lane = async () => {
          while (left > 0) {
            left -= 1;
            await delay(1);
          }
        };
        await Promise.all(Array.from({ length: concurrency }, lane));
      },
    });
    await bus.stop();
    await log.forgetGroups();
    const reached = (events * 1_000) / took.pipit;
    return {
      ratio: reached / ideal,
      detail:
        `${perSecond(events, took.pipit)}; 64 lanes of nothing but setTimeout(1) reach ${perSecond(events, took.timers)} ` +
        `in the same process, of which that is ${(took.timers / took.pipit).toFixed(2)}`,
    };
  },
};
