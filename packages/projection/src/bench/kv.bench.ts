import { type KV, Kvm } from '@nats-io/kv';
import { perSecond, type Row } from '@pipit/tooling/bench';
import { kvRepository } from '../kv.ts';
import { bareDeposits } from './bare-deposits.fixture.ts';
import { afterDeposit, type Balance, balance, eventsPerRow, requireAll } from './deposits.fixture.ts';
import { rebuild } from './rebuild.fixture.ts';
import type { ProjectionSetting } from './setting.fixture.ts';

/** The other side does so small a part of the events, or the rounds would take all day. */
const part = 10;

export const kv: Row<ProjectionSetting> = {
  row: 'rebuild into NATS KV',
  goal: 3,
  against: 'one awaited put per event',
  async measure(setting, rounds) {
    const { scale, pipit: connection, bare: bareConnection, js, manager } = setting;
    const events = scale.of(50_000);
    const store = await setting.deposits(events);
    const buckets = new Kvm(bareConnection);
    let views = 0;

    async function removeBuckets(): Promise<void> {
      for await (const name of manager.streams.names('$KV.>')) await manager.streams.delete(name);
    }

    async function putEach(bucket: KV): Promise<Map<string, Balance>> {
      const rows = new Map<string, Balance>();
      for await (const { key, data } of bareDeposits(js, store.name, events / part)) {
        const row = afterDeposit(rows.get(key), data);
        rows.set(key, row);
        await bucket.put(key, JSON.stringify(row));
      }
      return rows;
    }

    const { pipit, bare } = await rounds.compare({
      async pipit() {
        views += 1;
        const repository = kvRepository({ connection, name: `balances-${views}`, row: balance });
        await rebuild(store, repository);
        if (views === 1) requireAll('pipit', await repository.find(), events);
        await removeBuckets();
      },
      async bare() {
        const rows = await putEach(await buckets.create('bare', { history: 1 }));
        requireAll('bare', rows.values(), events / part);
        await removeBuckets();
      },
    });
    return {
      ratio: (bare * part) / pipit,
      detail: `${perSecond(events, pipit)} against ${perSecond(events / part, bare)}, ${events} events, ${events / eventsPerRow} rows`,
    };
  },
};
