import { perSecond, type Row } from '@pipit/tooling/bench';
import { type RunningProjection, runProjection } from '../index.ts';
import { memoryRepository } from '../memory.ts';
import { afterDeposit, type Balance, type Deposit, eventsPerRow, requireAll } from './deposits.fixture.ts';
import { balancesIn } from './rebuild.fixture.ts';
import type { ProjectionSetting } from './setting.fixture.ts';

/** From nothing until all rows are there. */
export const rebuildInMemory: Row<ProjectionSetting> = {
  row: 'rebuild into memory, 10⁶ events, 10⁵ rows',
  goal: 0.5,
  against: 'bare ordered consumer with `JSON.parse` and a `Map`',
  async measure({ js, scale: { events }, deposits }, rounds) {
    const store = await deposits(events);
    let balances = balancesIn(memoryRepository());
    let running: RunningProjection | undefined;
    const map = new Map<string, Balance>();
    const { pipit, bare } = await rounds.compare({
      pipit: {
        async prepare() {
          balances = balancesIn(memoryRepository());
        },
        async run() {
          running = runProjection(store, balances);
          await running.caughtUp();
        },
        async clear() {
          await running?.stop();
          requireAll('pipit', await balances.repository.find(), events);
        },
      },
      bare: {
        async run() {
          const consumer = await js.consumers.get(store.name);
          for await (const message of await consumer.consume({ max_messages: 1_000 })) {
            const key = message.subject.slice(message.subject.lastIndexOf('.') + 1);
            map.set(key, afterDeposit(map.get(key), message.json<Deposit>()));
            if (message.info.pending === 0) break;
          }
          await consumer.delete();
        },
        async clear() {
          requireAll('bare', map.values(), events);
          map.clear();
        },
      },
    });
    return {
      ratio: bare / pipit,
      detail: `${perSecond(events, pipit)}, decoded and validated, against ${perSecond(events, bare)}, ${events} events, ${events / eventsPerRow} rows`,
    };
  },
};
