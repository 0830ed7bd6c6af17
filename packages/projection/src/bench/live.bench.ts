import { AckPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { jetStreamStore } from '@pipit/store/jetstream';
import { latencies, type Row } from '@pipit/tooling/bench';
import { runProjection } from '../index.ts';
import { memoryRepository } from '../memory.ts';
import {
  Account,
  afterDeposit,
  type Balance,
  type Deposit,
  Deposited,
  depositOf,
  type,
} from './deposits.fixture.ts';
import { eventHeaders } from './fill-store.fixture.ts';
import { balancesIn } from './rebuild.fixture.ts';
import type { ProjectionSetting } from './setting.fixture.ts';

const keys = 100;

/** From the call that writes an event until who wrote it reads the row that shows it, one after the other. */
export const live: Row<ProjectionSetting> = {
  row: 'live: append to visible view, p50',
  goal: 0.5,
  against: 'the bare round trip: `js.publish`, durable consumer, `Map`',
  times: 2,
  async measure({ pipit: connection, js, manager, scale }, rounds) {
    const store = await jetStreamStore({ connection, name: 'live', aggregates: [Account] });
    const balances = balancesIn(memoryRepository());
    const running = runProjection(store, balances);
    await running.caughtUp();
    const bareView = await openBareView(js, manager, store.name);
    const count = scale.of(1_000);
    const [ours, theirs] = [latencies(), latencies()];
    let [deposits, bareDeposits] = [0, 0];
    await rounds.compare({
      pipit: () =>
        ours.round(count, async () => {
          const key = `account-${deposits % keys}`;
          const appended = await store.append(Account, key, Deposited.create(depositOf(deposits % keys)));
          await running.waitFor(appended);
          const row = await balances.repository.get(key);
          requireShown(row, deposits);
          deposits += 1;
        }),
      bare: () =>
        theirs.round(count, async () => {
          const key = `account-${bareDeposits % keys}`;
          await bareView.publish(key, depositOf(bareDeposits % keys), Math.floor(bareDeposits / keys) + 1);
          requireShown(bareView.rows.get(key), bareDeposits);
          bareDeposits += 1;
        }),
    });
    await running.stop();
    await store.close();
    await bareView.close();
    const told = (part: number) =>
      `${ours.within(part).toFixed(2)} against ${theirs.within(part).toFixed(2)} ms`;
    return {
      ratio: theirs.within(0.5) / ours.within(0.5),
      detail: `p50 ${told(0.5)}, p99 ${told(0.99)} (${(theirs.within(0.99) / ours.within(0.99)).toFixed(2)} ×), 1 in flight; guarded and validated against neither`,
    };
  },
};

function requireShown(row: Balance | undefined, before: number): void {
  const expected = Math.floor(before / keys) + 1;
  if (row?.deposits !== expected) throw new Error(`the row shows ${row?.deposits} deposits, not ${expected}`);
}

/** What somebody without Pipit would write: events with the same headers and bytes, in a stream with the same settings. */
async function openBareView(js: JetStreamClient, manager: JetStreamManager, like: string) {
  const name = `${like}-bare`;
  const { config } = await manager.streams.info(like);
  await manager.streams.add({ ...config, name, subjects: [`${name}.*.*`] });
  await manager.consumers.add(name, { durable_name: 'view', ack_policy: AckPolicy.Explicit });
  const rows = new Map<string, Balance>();
  let shown = Promise.withResolvers<void>();
  const consumer = await js.consumers.get(name, 'view');
  const messages = await consumer.consume({
    callback(message) {
      const key = message.subject.slice(message.subject.lastIndexOf('.') + 1);
      rows.set(key, afterDeposit(rows.get(key), message.json<Deposit>()));
      message.ack();
      shown.resolve();
    },
  });
  return {
    rows,
    /** Waits until the view shows it. */
    async publish(key: string, data: Deposit, revision: number): Promise<void> {
      shown = Promise.withResolvers();
      await Promise.all([
        js.publish(`${name}.account.${key}`, JSON.stringify(data), {
          headers: eventHeaders(name, type, revision),
        }),
        shown.promise,
      ]);
    },
    async close(): Promise<void> {
      await messages.close();
      await manager.streams.delete(name);
    },
  };
}
