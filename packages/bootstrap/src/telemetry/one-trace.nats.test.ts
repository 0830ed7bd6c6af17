import { SpanStatusCode, trace } from '@opentelemetry/api';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate } from '@pipit/store';
import { defineCommand, defineEvent } from '@pipit/types-registry';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { App, AppOptions } from '../app.ts';
import { createApp } from '../create-app.ts';
import { routesOf } from '../fastify/routes-of.ts';
import { serveHttp } from '../fastify/serve-http.ts';
import { ProblemError } from '../http/problem.ts';
import { listeningLogger } from '../post.fixture.ts';
import { recordingSdk } from './recording-sdk.fixture.ts';

const Renamed = defineEvent('post-renamed', z.object({ title: z.string() }));
const Post = defineAggregate('post', {
  events: [Renamed],
  initial: { title: '' },
  evolve: { 'post-renamed': (_, { data }) => data },
});
const Notified = defineEvent('author-notified', z.object({ post: z.string() }));
const Author = defineAggregate('author', {
  events: [Notified],
  initial: { posts: 0 },
  evolve: { 'author-notified': ({ posts }) => ({ posts: posts + 1 }) },
});

const view = (name: string) =>
  defineProjection({
    name,
    from: [Post],
    on: { 'post-renamed': (_, { data }) => data.title },
    into: memoryRepository<string>(),
  });

let sdk: ReturnType<typeof recordingSdk>;
let server: NatsServer;
const running: { stop(): unknown }[] = [];

beforeAll(async () => {
  sdk = recordingSdk();
  server = await startNatsServer();
});
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
  sdk.clear();
});
afterAll(async () => {
  sdk.stop();
  await server.stop();
});

type Aggregates = typeof Post | typeof Author;

async function start(name: string, options: Partial<AppOptions<Aggregates>> = {}): Promise<App<Aggregates>> {
  const app = await createApp<Aggregates>({
    name,
    aggregates: [Post, Author],
    nats: { url: server.url },
    logger: listeningLogger().logger,
    signals: false,
    env: {},
    ...options,
  });
  running.push(app);
  return app;
}

/** Renames posts. */
async function listen(app: App<Aggregates>): Promise<string> {
  const { decide } = routesOf(app);
  const body = z.object({ title: z.string() });
  const rename = decide('PUT /posts/:id', Post, {
    body,
    decide(_, { body }) {
      if (body.title === '')
        throw new ProblemError({ status: 409, code: 'UNTITLED', detail: 'It needs a title.' });
      if (body.title === 'broken') throw new Error('cannot be');
      return Renamed.create(body);
    },
  });
  const { url } = await serveHttp(app, { port: 0, routes: [rename] });
  return `${url}/posts`;
}

function put(url: string, title: string, traceparent: string): Promise<Response> {
  return fetch(url, {
    method: 'PUT',
    body: JSON.stringify({ title }),
    headers: { 'content-type': 'application/json', traceparent },
  });
}

it('one trace goes from a request to both views, and on with what a handler appends', async () => {
  const app = await start('renames', { projections: [view('titles'), view('search')] });
  app.bus.subscribe({
    group: 'notices',
    on: {
      'post-renamed': (event) =>
        app.store.append(Author, 'ada', Notified.create({ post: event.aggregate.id })),
    },
  });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await put(`${await listen(app)}/p1?secret=x`, 'Hello', `00-${traceId}-b7ad6b7169203331-01`);
  await expect
    .poll(() => sdk.tree(traceId))
    .toEqual([
      'SERVER PUT /posts/:id',
      '  INTERNAL execute post',
      '    PRODUCER send renames.post.{id}',
      '      CONSUMER process renames.post.{id} (notices)',
      '        PRODUCER send renames.author.{id}',
      '      CONSUMER process renames.post.{id} (search)',
      '      CONSUMER process renames.post.{id} (titles)',
    ]);

  const [sent] = sdk.find('send renames.post.{id}');
  const [event] = await Array.fromAsync(app.store.read({ aggregate: Post, id: 'p1' }));
  expect(event?.traceparent).toBe(`00-${traceId}-${sent?.spanContext().spanId}-01`);
  const facts = {
    'messaging.system': 'nats',
    'messaging.destination.template': 'renames.post.{id}',
    'messaging.destination.name': 'renames.post.p1',
    'messaging.message.id': event?.id,
    'messaging.message.conversation_id': event?.correlationId,
    'pipit.event.position': 1,
  };
  const sending = { 'messaging.operation.type': 'send', 'messaging.operation.name': 'send' };
  expect(sent?.attributes).toEqual({ ...facts, ...sending });
  const handled = sdk
    .find('process renames.post.{id}')
    .find(({ attributes }) => attributes['messaging.consumer.group.name'] === 'notices');
  expect(handled?.attributes).toEqual({
    ...facts,
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.consumer.group.name': 'notices',
    'pipit.event.type': 'post-renamed',
    'pipit.delivery.count': 1,
  });
  expect(handled?.links.map(({ context }) => context.spanId)).toEqual([sent?.spanContext().spanId]);
});

it('a request that is refused is no error of the server’s, and one that fails is', async () => {
  const url = await listen(await start('refusals'));
  const answers = [
    ['', 409],
    ['broken', 500],
  ] as const;
  for (const [index, [title, status]] of answers.entries()) {
    const traceId = `0af7651916cd43dd8448eb211c80319${index}`;
    expect((await put(`${url}/p1`, title, `00-${traceId}-b7ad6b7169203331-01`)).status).toBe(status);
    await expect.poll(() => sdk.tree(traceId)[0]).toMatch(/^SERVER PUT \/posts\/:id/);
  }
  const [refused, failed] = sdk.find('PUT /posts/:id');
  expect(refused?.attributes).toMatchObject({ 'http.response.status_code': 409, 'url.path': '/posts/p1' });
  expect(refused?.status.code).toBe(SpanStatusCode.UNSET);
  expect(failed?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': 'Error' });
  expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
});

it('another process goes on with the trace, of events and of commands', async () => {
  const Notify = defineCommand('notify', z.object({ author: z.string() }));
  const one = await start('processes');
  const other = await start('processes');
  const listening = other.commands.handle(Notify, ({ data }) =>
    other.store.append(Author, data.author, Notified.create({ post: 'p1' })),
  );
  await listening.ready;
  other.bus.subscribe({
    group: 'notices',
    on: { 'post-renamed': () => one.commands.send(Notify, { author: 'ada' }) },
  });
  const traceId = await trace.getTracer('user').startActiveSpan('import', async (span) => {
    await one.store.append(Post, 'p1', [Renamed.create({ title: '1' }), Renamed.create({ title: '2' })]);
    span.end();
    return span.spanContext().traceId;
  });
  const handling = [
    '    CONSUMER process processes.post.{id} (notices)',
    '      PRODUCER send processes.command.notify',
    '        CONSUMER process processes.command.notify',
    '          PRODUCER send processes.author.{id}',
  ];
  await expect
    .poll(() => sdk.tree(traceId))
    .toEqual(['INTERNAL import', '  PRODUCER send processes.post.{id}', ...handling, ...handling]);
  const [sent] = sdk.find('send processes.post.{id}');
  expect(sent?.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
});

it('each event of a batch is shown in its own trace, with the times of the batch', async () => {
  const app = await start('batches');
  await app.store.append(Post, 'p1', Renamed.create({ title: 'One' }));
  await app.store.append(Post, 'p2', Renamed.create({ title: 'Two' }));
  await app.store.append(Post, 'p3', Renamed.create({ title: 'Old' }, { time: new Date(0) }));
  const [one, two] = sdk.find('send batches.post.{id}').map((span) => span.spanContext());
  const projection = await start('batches', { projections: [view('titles')] });
  await projection.projections.caughtUp();
  await expect.poll(() => sdk.find('process batches')).toHaveLength(1);
  const [batch] = sdk.find('process batches');
  expect(batch?.attributes).toMatchObject({ 'messaging.batch.message_count': 3 });
  expect(batch?.parentSpanContext).toBeUndefined();
  const shown = sdk.find('process batches.post.{id}');
  // What is that old is read by a rebuild.
  expect(shown.map((span) => span.parentSpanContext?.spanId)).toEqual([one?.spanId, two?.spanId]);
  expect(shown.map((span) => span.spanContext().traceId)).toEqual([one?.traceId, two?.traceId]);
  expect(new Set(shown.map(({ startTime }) => startTime.join())).size).toBe(1);
});
