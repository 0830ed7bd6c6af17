import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterEach, expect, it } from 'vitest';
import { Renamed, User } from '../blog.fixture.ts';
import { startPostgres } from '../postgres/postgres-server.fixture.ts';
import { pgDatabase } from '../postgres.ts';
import { runProjection } from '../run/run-projection.ts';
import { appendRenames } from './append-renames.fixture.ts';
import { type CountedName, countedNames } from './counted-names.fixture.ts';
import { isLong } from './seed.fixture.ts';

const [events, users] = isLong ? [1_000_000, 100_000] : [10_000, 500];
const logger = { info() {}, warn() {}, error() {} };
const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

async function open() {
  const [server, postgres] = await Promise.all([startNatsServer(), startPostgres()]);
  cleanUp.push(
    () => server.stop(),
    () => postgres.stop(),
  );
  const connection = await connect({ servers: server.url });
  cleanUp.push(() => connection.close());
  const store = await jetStreamStore({ connection, name: 'blog', aggregates: [User] });
  const db = pgDatabase(postgres.pool({ max: 8 }));
  const run = (version: number) => {
    const names = countedNames(db, { version, shards: 2 });
    const projection = runProjection(store, names, { logger });
    cleanUp.push(() => projection.stop());
    return { names, projection };
  };
  return { store, run };
}

it(
  `builds a version of ${events} events beside the one that is read, while readers read and 200 events a second are appended`,
  async () => {
    const { store, run } = await open();
    await appendRenames(store, events, users);
    const old = run(1);
    await old.projection.caughtUp();

    let isDone = false;
    let appended = 0;
    const began = performance.now();
    async function append() {
      const appends: Promise<unknown>[] = [];
      while (!isDone) {
        for (const due = (performance.now() - began) / 5; appended < due; appended += 1)
          appends.push(store.append(User, `u${appended % users}`, Renamed.create({ name: 'again' })));
        await delay(5);
      }
      await Promise.all(appends);
    }

    const seen: number[] = [];
    const keys = Array.from({ length: 200 }, (_, user) => `u${user}`);
    async function read(rowsOf: () => Promise<readonly CountedName[]>) {
      let latest = 1;
      while (!isDone) {
        const rows = await rowsOf();
        expect(rows).toHaveLength(keys.length);
        const versions = new Set(rows.map(({ madeBy }) => madeBy));
        expect([...versions], 'one version in a read').toHaveLength(1);
        const [version = 0] = versions;
        expect(version, 'no way back').toBeGreaterThanOrEqual(latest);
        latest = version;
        seen.push(version);
        // Others want to get to the database as well.
        await delay(5);
      }
    }

    const { repository } = old.names;
    const work = [
      append(),
      read(async () => [...(await repository.getMany(keys)).values()]),
      read(async () => (await repository.page({ limit: keys.length })).rows),
    ];
    const rebuilt = run(2);
    await Promise.race([rebuilt.projection.caughtUp(), ...work]);
    const before = seen.length;
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(before + 20);
    isDone = true;
    const rate = (appended / (performance.now() - began)) * 1_000;
    await Promise.all(work);
    process.stdout.write(`${Math.round(rate)} appends/s, ${seen.length} reads\n`);

    expect(new Set(seen)).toEqual(new Set([1, 2]));
    expect(appended).toBeGreaterThan(20);
    await rebuilt.projection.caughtUp();
    const rows = await repository.find();
    expect(rows).toHaveLength(users);
    expect(rows.every(({ madeBy }) => madeBy === 2)).toBe(true);
    expect(rows.reduce((sum, { changes }) => sum + changes, 0)).toBe(events + appended);
    await repository.versions.drop(1);
    expect(await repository.find()).toEqual(rows);
  },
  isLong ? 3_600_000 : 120_000,
);
