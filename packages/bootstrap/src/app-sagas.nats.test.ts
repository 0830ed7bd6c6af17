import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineSaga, type SagaDetails } from '@pipit/saga';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { App, AppOptions } from './app.ts';
import { Post, Published } from './post.fixture.ts';
import { startApp } from './starting-app.fixture.ts';

let server: NatsServer;
const running: App[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()));
});
afterAll(() => server.stop());

async function start(name: string, options: Partial<AppOptions<typeof Post>>): Promise<App<typeof Post>> {
  const app = await startApp(name, { nats: { url: server.url }, ...options }).starting;
  running.push(app as unknown as App);
  return app;
}

const publishing = (run: () => unknown) =>
  defineSaga({
    name: 'publishing',
    input: z.object({ title: z.string() }),
    steps: (saga) =>
      saga
        .step('publish', {
          run: ({ id, input, append }) => append(Post, id, Published.create({ title: input.title })),
          compensate: () => {
            throw new Error('it is out');
          },
          compensateRetry: { attempts: 1 },
        })
        .step('tell', { run, retry: { attempts: 1 } }),
  });

const ref = { name: 'publishing', id: 'p1' };

it('sagas of an application are kept in its store, and seen by all of its processes', async () => {
  const saga = publishing(() => 'told');
  const [one, other] = await Promise.all([
    start('shared', { sagas: [saga] }),
    start('shared', { sagas: [saga] }),
  ]);
  await one.sagas.start(saga, 'p1', { title: 'Hello' });
  await expect.poll(async () => (await other.sagas.get(ref))?.state).toBe('completed');
  expect((await other.store.load(Post, 'p1')).state).toEqual({ title: 'Hello' });
  expect((await Array.fromAsync(one.sagas.list())).map(({ id }) => id)).toEqual(['p1']);
});

it('who is to be told of a saga that needs a person is told', async () => {
  const told: SagaDetails[] = [];
  const saga = publishing(() => {
    throw new Error('nobody at home');
  });
  const app = await start('attention', { sagas: [saga], onAttention: (saga) => told.push(saga) });
  await app.sagas.start(saga, 'p1', { title: 'Hello' });
  await expect
    .poll(() => told.map(({ id, attention }) => [id, attention?.error.message]))
    .toEqual([['p1', 'it is out']]);
  await app.sagas.abandon(ref, 'ada');
  expect((await app.sagas.get(ref))?.state).toBe('abandoned');
});

it('an application without sagas asks the server for nothing that they need', async () => {
  const app = await start('none', {});
  const manager = await jetstreamManager(app.connection);
  const streams = await Array.fromAsync(manager.streams.names());
  expect(streams).toContain('none');
  expect(streams).not.toContain('none_topics');
  await expect(app.sagas.get(ref)).rejects.toMatchObject({ code: 'UNKNOWN_SAGA' });
});
