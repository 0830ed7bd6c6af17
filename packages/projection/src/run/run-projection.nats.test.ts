import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent } from '@pipit/types-registry';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { Post, Registered, Renamed, User } from '../blog.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';
import { namesProjection } from '../names.fixture.ts';
import { runProjection } from './run-projection.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

async function open() {
  const server = await startNatsServer();
  cleanUp.push(() => server.stop());
  const connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  cleanUp.push(() => connection.close());
  const store = await jetStreamStore({ connection, name: 'blog', aggregates: [User, Post] });
  const run = () => {
    const names = namesProjection();
    const projection = runProjection(store, names);
    cleanUp.push(() => projection.stop());
    return { names, projection };
  };
  return { server, connection, store, run };
}

it('catches up with ten thousand events, and comes out the same in another process’s memory', async () => {
  const { store, run } = await open();
  const rename = (n: number) => Renamed.create({ name: `${n}` });
  for (let start = 0; start < 10_000; start += 1_000) {
    await store.append(
      User,
      `u${start / 1_000}`,
      Array.from({ length: 1_000 }, (_, index) => rename(start + index)),
    );
  }
  const first = run();
  await first.projection.caughtUp({ timeout: 30_000 });
  const rows = await first.names.repository.find();
  expect(rows.map(({ changes }) => changes)).toEqual(Array(10).fill(1_000));
  const second = run();
  await second.projection.caughtUp({ timeout: 30_000 });
  expect(await second.names.repository.find()).toEqual(rows);
});

it('sees its own writes when it waits for them', async () => {
  const { store, run } = await open();
  const { names, projection } = run();
  for (let n = 1; n <= 50; n += 1) {
    const appended = await store.append(User, 'ada', Registered.create({ name: `${n}` }));
    await projection.waitFor(appended);
    expect(await names.repository.get('ada')).toMatchObject({ name: `${n}` });
  }
});

it('goes on without a gap or a repetition when the server is killed and comes back', async () => {
  const { server, store, run } = await open();
  const { names, projection } = run();
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 20; n += 1)
      await store.append(User, 'ada', Renamed.create({ name: `${n}` }), { timeout: 30_000 });
    await server.kill();
    await server.restart();
  }
  const appended = await store.append(User, 'ada', Renamed.create({ name: 'last' }), { timeout: 30_000 });
  await projection.waitFor(appended, { timeout: 30_000 });
  expect(await names.repository.get('ada')).toEqual({ name: 'last', changes: 61 });
}, 90_000);

it('shows everything before the event that cannot be read, though it arrived in one batch with it', async () => {
  const { store, connection } = await open();
  await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
  await store.append(User, 'bob', Registered.create({ name: 'Bob' }));
  await store.append(User, 'eve', Registered.create({ name: '' }));
  await store.append(User, 'dan', Registered.create({ name: 'Dan' }));
  const Strict = defineEvent('user-registered', z.object({ name: z.string().min(1) }));
  const Account = defineAggregate('user', {
    events: [Strict],
    initial: {},
    evolve: { 'user-registered': (state) => state },
  });
  const strict = await jetStreamStore({ connection, name: 'blog', aggregates: [Account] });
  const names = defineProjection({
    name: 'strict-names',
    from: [Strict],
    on: { 'user-registered': (_, { data }) => data.name },
    into: memoryRepository<string>(),
  });
  const projection = runProjection(strict, names);
  cleanUp.push(() => projection.stop());
  await expect(projection.waitFor(4)).rejects.toMatchObject({
    code: 'PROJECTION_FAILED',
    store: 'blog',
    position: 3,
    type: 'user-registered',
    cause: { code: 'UNREADABLE_EVENT' },
  });
  expect(await names.repository.find()).toEqual(['Ada', 'Bob']);
  await projection.waitFor(2);
  expect(projection.position).toBe(2);
});

it('ends where its stream is deleted and made anew, instead of passing over the first events of the new one', async () => {
  const { store, connection, run } = await open();
  for (let n = 0; n < 5; n += 1) await store.append(User, 'ada', Renamed.create({ name: `${n}` }));
  const { names, projection } = run();
  await projection.caughtUp();
  const failed = expect(projection.closed).rejects.toMatchObject({
    cause: { code: 'CHECKPOINT_AHEAD', checkpoint: 5, position: 1 },
  });
  await (await jetstreamManager(connection)).streams.delete('blog');
  const anew = await jetStreamStore({ connection, name: 'blog', aggregates: [User, Post] });
  await anew.append(User, 'bob', Registered.create({ name: 'Bob' }));
  await failed;
  expect(await names.repository.find()).toEqual([{ name: '4', changes: 5 }]);
}, 30_000);
