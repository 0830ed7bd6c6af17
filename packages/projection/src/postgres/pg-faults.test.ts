import type { Pool, PoolConfig } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OwnedShard } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { runProjection } from '../run/run-projection.ts';
import { change, claimed, writeLoaded } from '../testing/contract-changes.ts';
import { type ContractEvent, contractLog, counted } from '../testing/contract-log.ts';
import { contractProjection, expectedRows } from '../testing/contract-projection.ts';
import { type ContractRow, contractRow } from '../testing/contract-row.ts';
import { StaleOwnerError } from '../version-errors.ts';
import { type LossyProxy, startLossyProxy } from './lossy-proxy.fixture.ts';
import { pgDatabase } from './pg-database.ts';
import { type PostgresRepository, postgresRepository } from './postgres-repository.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

let server: PostgresServer;
let proxy: LossyProxy;
let schema: string;
let schemas = 0;
let admin: Pool;
let repository: PostgresRepository<ContractRow>;

const open = (config: PoolConfig = {}) =>
  postgresRepository({
    db: pgDatabase(server.pool({ max: 3, ...config })),
    name: 'faults',
    row: contractRow,
    schema,
  });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    (result) => result,
    (error: unknown) => error,
  );

beforeAll(async () => {
  server = await startPostgres();
  proxy = await startLossyProxy(server.port);
});

afterAll(async () => {
  await server?.stop();
  await proxy?.close();
});

beforeEach(async () => {
  schemas += 1;
  schema = `faults_${schemas}`;
  admin = server.pool({ max: 2 });
  repository = open();
  await repository.save('a', { text: 'before' });
});

afterEach(async () => {
  vi.useRealTimers();
  await admin.end();
});

async function shardOf(of: PostgresRepository<ContractRow>): Promise<OwnedShard<ContractRow>> {
  return await claimed(await of.versions.open(1, { shards: 1 }), 0);
}

describe('a database that is down', () => {
  it('is an error that passes, and works again when it is back', async () => {
    const shard = await shardOf(repository);
    const fresh = open();
    await server.halt();
    const attempts = [
      () => repository.get('a'),
      () => repository.find(),
      () => repository.save('a', { text: 'lost' }),
      () => repository.withTransaction((rows) => rows.save('a', { text: 'lost' })),
      () => shard.write([change('a', { text: 'lost' }, 1)], 1),
      () => fresh.versions.list(),
    ];
    for (const attempt of attempts) {
      const error = await failure(attempt());
      expect(error).toBeInstanceOf(RepositoryError);
      expect(error).toMatchObject({ view: 'faults', reason: 'unreachable', passing: true });
    }
    await server.start();
    expect(await repository.get('a')).toEqual({ text: 'before' });
    expect(await fresh.get('a')).toEqual({ text: 'before' });
    await shard.write([change('a', { text: 'after' }, 1)], 1);
    expect(await fresh.get('a')).toEqual({ text: 'after' });
  });
});

describe('a connection that is killed', () => {
  it.each(['and something is asked next', 'and nothing is asked any more'])(
    'in a transaction, %s, leaves nothing of it',
    async (what) => {
      const error = await failure(
        repository.withTransaction(async (rows) => {
          await rows.save('a', { text: 'half' });
          const [backend] = await rows.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          await admin.query('SELECT pg_terminate_backend($1, 5000)', [backend?.pid]);
          if (what.includes('next')) await rows.save('b', { text: 'half' });
        }),
      );
      expect(error).toMatchObject({ code: 'REPOSITORY', reason: 'unreachable' });
      expect(await repository.find()).toEqual([{ text: 'before' }]);
    },
  );
});

describe('a write whose answer is lost', () => {
  it.each([
    ['one statement', 'WITH owned', 3],
    ['a transaction', 'COMMIT', 7_500],
  ])('as %s has happened, and changes nothing when it is repeated', async (_, statement, count) => {
    const shard = await shardOf(open({ port: proxy.port }));
    const changes = Array.from({ length: count }, (_, at) => change(`k${at}`, { text: 'new', count: at }, 5));
    proxy.loseAnswerTo(statement);
    expect(await failure(shard.write(changes, 5))).toMatchObject({
      code: 'REPOSITORY',
      reason: 'unreachable',
    });

    const stored = async () =>
      (await admin.query(`SELECT xmin::text, ctid::text, * FROM ${schema}.pipit_rows ORDER BY key`)).rows;
    await expect.poll(async () => (await stored()).length).toBe(count + 1);
    const before = await stored();
    await shard.write(changes, 5);
    expect(await stored()).toEqual(before);
    await writeLoaded(shard, { k0: { text: 'later' } }, 6);
    expect(await repository.get('k0')).toEqual({ text: 'later' });
  });

  it('was rolled back where the connection broke before the end, and is made good by the next', async () => {
    const shard = await shardOf(open({ port: proxy.port }));
    const changes = Array.from({ length: 7_500 }, (_, at) => change(`k${at}`, { text: 'new' }, 5));
    proxy.loseAnswerTo('WITH owned');
    expect(await failure(shard.write(changes, 5))).toMatchObject({ reason: 'unreachable' });
    expect(await repository.find()).toHaveLength(1);
    await shard.write(changes, 5);
    expect(await repository.find()).toHaveLength(7_501);
  });
});

describe('an owner', () => {
  it('whose write waits for a claim that is under way writes nothing', async () => {
    const stale = await shardOf(repository);
    const claim = await admin.connect();
    try {
      await claim.query('BEGIN');
      await claim.query(`UPDATE ${schema}.pipit_shards SET epoch = nextval('${schema}.pipit_claims')`);
      const write = failure(stale.write([change('b', { text: 'stale' }, 1)], 1));
      await expect
        .poll(async () => {
          const { rows } = await admin.query(
            `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"${schema}"%'`,
          );
          return rows.length;
        })
        .toBe(1);
      await claim.query('COMMIT');
      expect(await write).toBeInstanceOf(StaleOwnerError);
    } finally {
      claim.release();
    }
    expect(await repository.find()).toEqual([{ text: 'before' }]);
  });

  it('has its lease by the clock of the database, whatever the clock of a process says', async () => {
    const version = await repository.versions.open(1, { shards: 1 });
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01') });
    await claimed(version, 0);
    vi.setSystemTime(new Date('2099-01-01'));
    expect(await version.claim(0, 'other', 60_000)).toBeUndefined();
    await admin.query(`UPDATE ${schema}.pipit_shards SET leased_until = now()`);
    vi.setSystemTime(new Date('2001-01-01'));
    expect(await version.claim(0, 'other', 60_000)).toBeDefined();
  });
});

describe('a database that refuses', () => {
  it('users without rights is told from one that is away', async () => {
    await admin.query(`CREATE ROLE ${schema} LOGIN PASSWORD 'x'`);
    const config = { user: schema, password: 'x' };
    expect(await failure(open(config).get('a'))).toMatchObject({ reason: 'forbidden', passing: false });
    await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${schema}`);
    await admin.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${schema}`);
    const reader = open(config);
    expect(await reader.get('a')).toEqual({ text: 'before' });
    expect(await failure(reader.save('a', { text: 'x' }))).toMatchObject({ reason: 'forbidden' });
    expect(await failure(open({ password: 'wrong' }).get('a'))).toMatchObject({ reason: 'forbidden' });
    expect(await failure(open({ database: 'nowhere' }).get('a'))).toMatchObject({ reason: 'forbidden' });
  });

  it('statements that take too long, or find no room, says so', async () => {
    const run = (...statements: string[]) =>
      failure(
        repository.withTransaction(async ({ query }) => {
          for (const statement of statements) await query(statement);
        }),
      );
    expect(await run('SET LOCAL statement_timeout = 20', 'SELECT pg_sleep(10)')).toMatchObject({
      reason: 'busy',
    });
    const sort = 'SELECT x FROM generate_series(1, 200000) x ORDER BY x::text DESC';
    const full = await run("SET LOCAL temp_file_limit = '64kB'", "SET LOCAL work_mem = '64kB'", sort);
    expect(full).toMatchObject({ reason: 'full', passing: true });
    expect(await run('SELECT 1 / 0')).toMatchObject({ reason: 'failed', passing: false });
  });
});

it('many who save the same rows, each in another order, do not block each other', async () => {
  const rows = Array.from({ length: 200 }, (_, at) => [`k${at}`, { text: 'x' }] as const);
  const saves = Array.from({ length: 20 }, (_, at) => repository.saveMany(at % 2 ? rows : rows.toReversed()));
  await Promise.all(saves);
  expect(await repository.find()).toHaveLength(201);
});

it('listens to a pool once, however many views share it', () => {
  const pool = server.pool();
  const before = pool.listenerCount('error');
  for (let view = 0; view < 12; view += 1) pgDatabase(pool);
  expect(pool.listenerCount('error')).toBe(before + 1);
});

it('a database that is slower than the pool lets a statement be is an error that passes', async () => {
  const slow = open({ query_timeout: 100 });
  await slow.get('a');
  const other = await admin.connect();
  try {
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${schema}.pipit_rows`);
    expect(await failure(slow.get('a'))).toMatchObject({ reason: 'unreachable', passing: true });
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
  expect(await slow.get('a')).toEqual({ text: 'before' });
});

describe('a database that has lost its end, in a failover or a restore,', () => {
  it('is noticed by the owner of a shard, who writes nothing on it', async () => {
    const shard = await shardOf(repository);
    await shard.write([change('b', { text: 'kept' }, 5)], 5);
    await shard.write([change('b', { text: 'lost' }, 9)], 9);
    const back = `UPDATE ${schema}.pipit_shards SET checkpoint = 5`;
    await admin.query(back);
    for (const upTo of [8, 10])
      expect(await failure(shard.write([change('c', { text: 'x' }, upTo)], upTo))).toBeInstanceOf(
        StaleOwnerError,
      );
    expect(await failure(shard.renew(1_000))).toBeInstanceOf(StaleOwnerError);
    expect(await repository.get('c')).toBeUndefined();
  });

  it('gets back what it has lost', async () => {
    const log = contractLog();
    log.append(...[1, 2, 3].map((position) => counted(position, ['a', `k${position}`])));
    const into = postgresRepository({
      db: pgDatabase(server.pool()),
      name: 'back',
      row: contractRow,
      schema,
    });
    const projection = runProjection(log, contractProjection(into), {
      lease: 200,
      logger: { info() {}, warn() {}, error() {} },
    });
    await projection.caughtUp();
    for (const table of ['rows', 'shards'])
      await admin.query(
        `CREATE TABLE ${schema}.kept_${table} AS SELECT * FROM ${schema}.pipit_${table} WHERE view = 'back'`,
      );
    log.append(...[4, 5, 6].map((position) => counted(position, ['a', `k${position}`])));
    await projection.caughtUp();
    await admin.query(`BEGIN;
      DELETE FROM ${schema}.pipit_rows WHERE view = 'back';
      INSERT INTO ${schema}.pipit_rows SELECT * FROM ${schema}.kept_rows;
      UPDATE ${schema}.pipit_shards s SET checkpoint = k.checkpoint FROM ${schema}.kept_shards k WHERE s.view = k.view;
      COMMIT`);
    log.append(counted(7, ['b']));
    const expected = expectedRows(log.events as readonly ContractEvent[]);
    await expect.poll(() => into.getMany([...expected.keys()]), { timeout: 10_000 }).toEqual(expected);
    await projection.stop();
  }, 20_000);
});
