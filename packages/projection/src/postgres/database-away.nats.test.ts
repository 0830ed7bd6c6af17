import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterEach, expect, it } from 'vitest';
import { Renamed, User } from '../blog.fixture.ts';
import { countedNames } from '../faults/counted-names.fixture.ts';
import { runProjection } from '../run/run-projection.ts';
import { pgDatabase } from './pg-database.ts';
import { startPostgres } from './postgres-server.fixture.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

it('a projection goes on where it was when database and log go away, one after the other and together', async () => {
  const [server, postgres] = await Promise.all([startNatsServer(), startPostgres()]);
  cleanUp.push(
    () => server.stop(),
    () => postgres.stop(),
  );
  const connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  cleanUp.push(() => connection.close());
  const store = await jetStreamStore({ connection, name: 'blog', aggregates: [User] });
  // What a pool says of connections that broke while nobody used them.
  const pool = postgres.pool({ max: 4 }).on('error', () => undefined);
  const names = countedNames(pgDatabase(pool), { shards: 2 });
  const warned: string[] = [];
  const projection = runProjection(store, names, {
    lease: 300,
    logger: { info() {}, warn: (_, message) => warned.push(message), error() {} },
  });
  cleanUp.push(() => projection.stop());

  let appended = 0;
  const append = async () => {
    for (let index = 0; index < 20; index += 1) {
      await store.append(User, `u${index % 4}`, Renamed.create({ name: `${appended}` }), { timeout: 30_000 });
      appended += 1;
    }
  };
  const goesOn = async () => {
    await projection.caughtUp({ timeout: 60_000 });
    const rows = await names.repository.find();
    expect(rows.reduce((sum, { changes }) => sum + changes, 0)).toBe(appended);
    await expect.poll(() => projection.status, { timeout: 30_000 }).toBe('live');
  };

  await append();
  await goesOn();
  await postgres.halt();
  await append();
  await expect.poll(() => warned).toContain('projection could not write, and tries again');
  await postgres.start();
  await goesOn();
  await server.kill();
  await server.restart();
  await append();
  await goesOn();
  await append();
  await Promise.all([postgres.halt(), server.kill()]);
  await server.restart();
  await postgres.start();
  await append();
  await goesOn();
}, 120_000);
