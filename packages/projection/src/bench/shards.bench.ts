import { setTimeout as delay } from 'node:timers/promises';
import { perSecond, type Row } from '@pipit/tooling/bench';
import type { Repository } from '../index.ts';
import { startPostgres } from '../postgres/postgres-server.fixture.ts';
import { pgDatabase, postgresRepository } from '../postgres.ts';
import { type Balance, balance, eventsPerRow, requireAll } from './deposits.fixture.ts';
import type { ProjectionSetting } from './setting.fixture.ts';
import { type ShardProcess, startShardProcess } from './shard-processes.fixture.ts';

/** From the moment when processes that have their shards begin to read until the database shows the end in all of them. */
export const shards: Row<ProjectionSetting> = {
  row: 'rebuild into PostgreSQL on 2 shards in 2 processes',
  goal: 1,
  against: 'one process without shards',
  async measure({ servers, scale, deposits }, rounds) {
    const events = scale.of(100_000);
    const store = await deposits(events);
    const server = await startPostgres();
    const pool = server.pool();
    const db = pgDatabase(pool);
    const database = { host: '127.0.0.1', port: server.port, user: 'postgres', password: 'password' };
    const start = () => startShardProcess({ servers, store: store.name, database });
    const [first, second] = await Promise.all([start(), start()]);
    let schemas = 0;

    function builtBy(processes: readonly ShardProcess[], shards: number) {
      let schema = '';
      let repository: Repository<Balance>;
      const isBuilt = async () =>
        (await repository.versions.list()).every(({ checkpoints }) =>
          checkpoints.every((checkpoint) => checkpoint === events),
        );
      return {
        async prepare() {
          schemas += 1;
          schema = `build_${schemas}`;
          const share = shards / processes.length;
          await Promise.all(processes.map((one) => one.prepare({ schema, shards, share })));
          repository = postgresRepository({ db, name: 'balances', row: balance, schema });
        },
        async run() {
          for (const one of processes) one.go();
          while (!(await isBuilt())) await delay(20);
        },
        async clear() {
          await Promise.all(processes.map((one) => one.end()));
          requireAll(schema, await repository.find(), events);
          await pool.query(`DROP SCHEMA ${schema} CASCADE`);
        },
      };
    }

    const took = await rounds
      .compare({
        one: builtBy([first], 1),
        both: builtBy([first], 2),
        two: builtBy([first, second], 2),
      })
      .finally(async () => {
        await Promise.all([first.kill(), second.kill()]);
        await server.stop();
      });
    const ratio = took.one / took.two;
    return {
      ratio,
      met: ratio > 1,
      detail: `${perSecond(events, took.two)} against ${perSecond(events, took.one)} in one process without shards, and ${perSecond(events, took.both)} with both shards in one, ${events} events, ${events / eventsPerRow} rows; processes are started and have their shards before`,
    };
  },
};
