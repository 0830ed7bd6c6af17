import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Post, Registered, Renamed, User } from '../blog.fixture.ts';
import { namesProjection } from '../names.fixture.ts';
import { runFullProjection } from './run-full-projection.ts';

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

describe.each(['aggregate', 'event'] as const)('in layout %s', (layout) => {
  const open = (name: string) =>
    jetStreamStore({ connection, name: `${name}-${layout}`, layout, aggregates: [User, Post] });

  it('projects every aggregate, and the last event of each', async () => {
    const store = await open('blog');
    const events = [Registered.create({ name: 'ada' }), Renamed.create({ name: 'eve' })];
    for (let start = 0; start < 1_000; start += 500) {
      const ids = Array.from({ length: 500 }, (_, index) => `u${start + index}`);
      await store.appendAll(ids.map((id) => ({ aggregate: User, id, events })));
    }
    for (const [mode, changes] of [
      ['every', 2],
      ['latest', 1],
    ] as const) {
      const names = namesProjection();
      const done = await runFullProjection(store, names, { mode });
      expect(done).toMatchObject({ done: 1_000, of: 1_000, saved: 1_000, events: 1_000 * changes });
      const rows = await names.repository.find({ name: 'eve', changes });
      expect(rows).toHaveLength(1_000);
    }
    await store.close();
  });

  it('stops at an event that cannot be read, or leaves it out and counts it', async () => {
    const store = await open('unreadable');
    for (const id of ['a', 'b', 'c']) await store.append(User, id, Registered.create({ name: id }));
    const meta = headers();
    const fields = { type: 'user-renamed', specversion: '1.0', id: 'x', source: '/x', revision: '2' };
    const all = { ...fields, time: '2026-01-01T00:00:00Z' };
    for (const [key, value] of Object.entries(all)) meta.append(`ce-${key}`, value);
    const subject = `${store.name}.user.b${layout === 'event' ? '.user-renamed' : ''}`;
    await connection.request(subject, '{"name":5}', { headers: meta, timeout: 5_000 });
    const place = { aggregate: { type: 'user', id: 'b' }, position: 4, type: 'user-renamed', saved: 0 };
    const cause = { code: 'UNREADABLE_EVENT', cause: { code: 'INVALID_PAYLOAD' } };
    const run = runFullProjection(store, namesProjection());
    await expect(run).rejects.toMatchObject({ code: 'FULL_PROJECTION_FAILED', ...place, cause });
    const latest = runFullProjection(store, namesProjection(), { mode: 'latest' });
    await expect(latest).rejects.toMatchObject({ code: 'FULL_PROJECTION_FAILED', position: 4, cause });
    const names = namesProjection();
    const logger = { info() {}, warn() {}, error() {} };
    const skipping = await jetStreamStore({
      connection,
      name: store.name,
      layout,
      aggregates: [User, Post],
      logger,
    });
    const done = await runFullProjection(skipping, names, { unreadable: 'skip' });
    expect(done).toMatchObject({ saved: 3, unreadable: 1 });
    expect(await names.repository.get('b')).toEqual({ name: 'b', changes: 1 });
    await Promise.all([store.close(), skipping.close()]);
  });

  it('takes a missing stream as empty, with a warning', async () => {
    const store = await open('missing');
    await store.append(User, 'a', Registered.create({ name: 'ada' }));
    await (await jetstreamManager(connection)).streams.delete(store.name);
    for (const mode of ['every', 'latest'] as const) {
      const warnings: object[] = [];
      const warn = (facts: object, message: string) => void warnings.push({ ...facts, message });
      const logger = { info() {}, warn, error: warn };
      const done = await runFullProjection(store, namesProjection(), { mode, logger });
      expect(done).toMatchObject({ done: 0, saved: 0 });
      expect(warnings).toMatchObject([
        { projection: 'names', store: store.name, err: { code: 'READ_FAILED' } },
      ]);
    }
    await store.close();
  });
});

it('fails where a consumer cannot be made', async () => {
  const stream = { max_consumers: 1 };
  const store = await jetStreamStore({ connection, name: 'full', aggregates: [User, Post], stream });
  await store.append(User, 'a', Registered.create({ name: 'ada' }));
  const { consumers } = await jetstreamManager(connection);
  await consumers.add('full', { durable_name: 'other' });
  const run = runFullProjection(store, namesProjection(), { mode: 'latest' });
  const cause = { code: 'READ_FAILED', missing: false };
  await expect(run).rejects.toMatchObject({ code: 'FULL_PROJECTION_FAILED', saved: 0, cause });
  await store.close();
});
