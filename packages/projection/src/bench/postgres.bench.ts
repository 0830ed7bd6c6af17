import { perSecond, type Row } from '@pipit/tooling/bench';
import type { Pool } from 'pg';
import { startPostgres } from '../postgres/postgres-server.fixture.ts';
import { type PostgresRepository, pgDatabase, postgresRepository } from '../postgres.ts';
import { type BareDeposit, bareDeposits } from './bare-deposits.fixture.ts';
import { type Balance, balance, eventsPerRow, requireAll } from './deposits.fixture.ts';
import { rebuild } from './rebuild.fixture.ts';
import type { ProjectionSetting } from './setting.fixture.ts';

/** The side of one statement per event does so small a part of them, or the rounds would take all day. */
const part = 10;
/** Events of one statement by hand. */
const batch = 1_000;
const leastOfBatched = 0.5;

const upsert = `INSERT INTO balances AS b (key, owner, cents, deposits)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
  ON CONFLICT (key) DO UPDATE SET
    owner = excluded.owner, cents = b.cents + excluded.cents, deposits = b.deposits + excluded.deposits`;

export const postgres: Row<ProjectionSetting> = {
  row: 'rebuild into PostgreSQL, batched',
  goal: 10,
  against: `one statement per event; and at least ${leastOfBatched} × a hand-written batched upsert`,
  async measure(setting, rounds) {
    const { scale, js } = setting;
    const events = scale.of(100_000);
    const store = await setting.deposits(events);
    const server = await startPostgres();
    try {
      const pool = server.pool({ max: 4 });
      const database = pgDatabase(pool);
      let views = 0;
      let repository: PostgresRepository<Balance>;
      const { pipit, each, batched } = await rounds.compare({
        pipit: {
          async prepare() {
            views += 1;
            repository = postgresRepository({
              db: database,
              name: 'balances',
              row: balance,
              schema: `round_${views}`,
            });
            await repository.versions.list();
          },
          run: () => rebuild(store, repository),
          async clear() {
            requireAll('pipit', await repository.find(), events);
            await pool.query(`DROP SCHEMA round_${views} CASCADE`);
          },
        },
        each: {
          prepare: () => createTables(pool),
          async run() {
            for await (const deposit of bareDeposits(js, store.name, events / part))
              await write(pool, [deposit]);
          },
          clear: async () => requireAll('one by one', await balances(pool), events / part),
        },
        batched: {
          prepare: () => createTables(pool),
          async run() {
            let deposits: BareDeposit[] = [];
            for await (const deposit of bareDeposits(js, store.name, events)) {
              deposits.push(deposit);
              if (deposits.length < batch && deposit.position < events) continue;
              await write(pool, deposits);
              deposits = [];
            }
          },
          clear: async () => requireAll('by hand', await balances(pool), events),
        },
      });
      const ratio = (each * part) / pipit;
      const ofBatched = batched / pipit;
      return {
        ratio,
        met: ratio >= 10 && ofBatched >= leastOfBatched,
        detail: `${perSecond(events, pipit)} against ${perSecond(events / part, each)}, and ${ofBatched.toFixed(2)} × the ${perSecond(events, batched)} by hand, ${events} events, ${events / eventsPerRow} rows`,
      };
    } finally {
      await server.stop();
    }
  },
};

async function createTables(pool: Pool): Promise<void> {
  await pool.query(`DROP TABLE IF EXISTS balances, checkpoint;
    CREATE TABLE balances (key text PRIMARY KEY, owner text, cents bigint, deposits bigint);
    CREATE TABLE checkpoint (position bigint);
    INSERT INTO checkpoint VALUES (0)`);
}

/** Each row of the deposits once, and how far they go, in one statement. */
async function write(pool: Pool, deposits: readonly BareDeposit[]): Promise<void> {
  const rows = new Map<string, { owner: string; cents: number; deposits: number }>();
  for (const { key, data } of deposits) {
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { owner: data.owner, cents: data.cents, deposits: 1 });
    else {
      row.cents += data.cents;
      row.deposits += 1;
    }
  }
  const all = [...rows.values()];
  await pool.query(`WITH moved AS (UPDATE checkpoint SET position = $5::bigint) ${upsert}`, [
    [...rows.keys()],
    all.map(({ owner }) => owner),
    all.map(({ cents }) => cents),
    all.map((row) => row.deposits),
    deposits.at(-1)?.position,
  ]);
}

async function balances(pool: Pool): Promise<readonly Balance[]> {
  const { rows } = await pool.query('SELECT owner, cents::float8, deposits::float8 FROM balances');
  return rows;
}
