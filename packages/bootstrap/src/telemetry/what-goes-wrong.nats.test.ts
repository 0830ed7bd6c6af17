import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineSaga } from '@pipit/saga';
import { withTrace } from '@pipit/types-registry';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { App, AppOptions } from '../app.ts';
import { Post, Published, titles } from '../post.fixture.ts';
import { startApp } from '../starting-app.fixture.ts';
import { recordingSdk } from './recording-sdk.fixture.ts';

let sdk: ReturnType<typeof recordingSdk>;
let server: NatsServer;
const running: App[] = [];

beforeAll(async () => {
  sdk = recordingSdk();
  server = await startNatsServer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()));
  sdk.clear();
});
afterAll(async () => {
  sdk.stop();
  await server.stop();
});

async function start(
  name: string,
  options: Partial<AppOptions<typeof Post>> = {},
): Promise<App<typeof Post>> {
  const app = await startApp(name, { nats: { url: server.url }, ...options }).starting;
  running.push(app as unknown as App);
  return app;
}

const publish = (app: App<typeof Post>) => app.store.append(Post, 'p1', Published.create({ title: 'Hello' }));

function traceOf(name: string): string {
  return sdk.find(name)[0]?.spanContext().traceId ?? 'none yet';
}

it('a dead letter is in the trace of its event, and so is what is made of it when it is redriven', async () => {
  const app = await start('dead');
  let isBroken = true;
  app.bus.subscribe({
    group: 'mail',
    retry: { attempts: 2, backoff: 1 },
    on: {
      'post-published': () => {
        if (isBroken) throw new RangeError('no stamps');
      },
    },
  });
  await publish(app);
  const failed = [
    'PRODUCER send dead.post.{id}',
    '  CONSUMER process dead.post.{id} (mail) ! RangeError',
    '  CONSUMER process dead.post.{id} (mail) ! RangeError',
  ];
  const buried = '  PRODUCER send dead_dead (mail)';
  const tree = () => sdk.tree(traceOf('send dead.post.{id}'));
  await expect.poll(tree).toEqual([...failed, buried]);
  const [attempt] = sdk.find('process dead.post.{id}');
  expect(attempt?.status).toEqual({ code: 2, message: 'no stamps' });
  expect(attempt?.events.map(({ name }) => name)).toEqual(['exception']);

  isBroken = false;
  const [letter] = await Array.fromAsync(app.bus.deadLetters.list());
  await app.bus.deadLetters.redrive(letter?.id ?? '');
  const [send, ...attempts] = failed;
  await expect.poll(tree).toEqual([send, '  CONSUMER process dead.post.{id} (mail)', ...attempts, buried]);
  const [redriven] = sdk.find('redrive dead_dead');
  expect(redriven?.links.map(({ context }) => context.traceId)).toEqual([traceOf('send dead.post.{id}')]);

  await expect
    .poll(() => sdk.metric('pipit.delivery.attempts'))
    .toEqual({ 'mail retrying': 1, 'mail dead-lettered': 1, 'mail handled': 1 });
  expect(await sdk.metric('pipit.dead_letters')).toEqual({ 'mail RangeError': 1 });
  const place = 'nats process process mail dead.post.{id}';
  const deliveries = { [`${place} RangeError`]: 2, [place]: 1 };
  expect(await sdk.metric('messaging.client.consumed.messages')).toEqual(deliveries);
  expect(await sdk.metric('messaging.process.duration')).toEqual(deliveries);
  expect(await sdk.metric('pipit.delivery.delay')).toEqual({ mail: 3 });
});

it('a handler whose time is up has failed in its span, though it goes on', async () => {
  const app = await start('slow');
  const ending = Promise.withResolvers<void>();
  app.bus.subscribe({
    group: 'mail',
    timeout: 20,
    retry: { attempts: 1 },
    on: { 'post-published': () => ending.promise },
  });
  await publish(app);
  await expect
    .poll(() => sdk.tree(traceOf('send slow.post.{id}')))
    .toContain('  CONSUMER process slow.post.{id} (mail) ! TIMEOUT');
  ending.resolve();
});

it('an append that another writer came before has failed, is counted, and decided again', async () => {
  const app = await start('conflicts');
  const other = await start('conflicts');
  const rename = (title: string) => app.store.execute(Post, 'p1', () => Published.create({ title }));
  await rename('One');
  await other.store.append(Post, 'p1', Published.create({ title: 'Two' }));
  sdk.clear();
  await rename('Three');
  expect(sdk.tree(traceOf('execute post'))).toEqual([
    'INTERNAL execute post',
    '  PRODUCER send conflicts.post.{id}',
    '  PRODUCER send conflicts.post.{id} ! CONFLICT',
  ]);
  expect(await sdk.metric('pipit.append.conflicts')).toEqual({ post: 1 });
  const place = 'nats send send conflicts.post.{id}';
  const appends = { [place]: 3, [`${place} CONFLICT`]: 1 };
  expect(await sdk.metric('messaging.client.sent.messages')).toMatchObject(appends);
  expect(await sdk.metric('messaging.client.operation.duration')).toMatchObject(appends);
});

it('a saga is one trace, through its timer, a failed step and what it undoes', async () => {
  const saga = defineSaga({
    name: 'publishing',
    input: z.object({ title: z.string() }),
    steps: (steps) =>
      steps
        .step('publish', {
          run: ({ id, input, append }) => append(Post, id, Published.create({ title: input.title })),
          compensate: () => {},
        })
        .sleep('cool-down', 50)
        .step('tell', {
          run: () => {
            throw new RangeError('nobody at home');
          },
          retry: { attempts: 1 },
        }),
  });
  const app = await start('saga', { sagas: [saga] });
  await app.sagas.start(saga, 'p1', { title: 'Hello' });
  const ref = { name: 'publishing', id: 'p1' };
  await expect.poll(async () => (await app.sagas.get(ref))?.state).toBe('compensated');
  const sent = 'PRODUCER send saga.saga-publishing.{id}';
  const handled = 'CONSUMER process saga.saga-publishing.{id} (saga-publishing)';
  await expect
    .poll(() => sdk.tree(traceOf('send saga.saga-publishing.{id}')))
    .toEqual([
      sent,
      `  ${handled}`,
      '    CONSUMER process saga_topics.timers-of-saga-publishing.{key} (saga-publishing)',
      `      ${sent}`,
      `        ${handled}`,
      '          INTERNAL compensate publishing/publish',
      '          INTERNAL run publishing/tell ! RangeError',
      ...Array(3).fill(`          ${sent}`),
      '    INTERNAL run publishing/publish',
      // The step's success, and with it what it has appended to a post.
      '    PRODUCER send saga',
      `    ${sent}`,
    ]);
  expect(await sdk.metric('pipit.saga.transitions')).toEqual({
    'publishing started running': 1,
    'publishing step-succeeded running': 2,
    'publishing waiting running': 1,
    'publishing woken running': 1,
    'publishing step-failed compensating': 1,
    'publishing step-compensated compensated': 1,
  });
  expect(await sdk.metric('pipit.saga.step.duration')).toEqual({
    'publishing publish run': 1,
    'publishing tell run RangeError': 1,
    'publishing publish compensate': 1,
  });
});

it('an event that stops a projection has failed, and those before it have not', async () => {
  const app = await start('stopped');
  await app.store.append(Post, 'p1', Published.create({ title: 'Good' }));
  await app.store.append(Post, 'p1', Published.create({ title: 'Bad' }));
  const fragile = defineProjection({
    name: 'fragile',
    from: [Post],
    on: {
      'post-published': (_, { data }) => {
        if (data.title === 'Bad') throw new RangeError('not that');
        return data.title;
      },
    },
    into: memoryRepository<string>(),
  });
  const reading = await start('stopped', { projections: [fragile, titles()] });
  await expect(reading.projections.of(fragile).closed).rejects.toThrow();
  await expect.poll(() => sdk.find('process stopped.post.{id}')).toHaveLength(4);
  const statuses = sdk
    .find('process stopped.post.{id}')
    .filter(({ attributes }) => attributes['messaging.consumer.group.name'] === 'fragile')
    .map(({ status }) => status.code);
  expect(statuses).toEqual([0, 2]);
  expect(await sdk.metric('pipit.projection.lag')).toEqual({ 'stopped titles 1': 0 });
});

it('a group whose handler hangs is behind, also after it has left this process, and one that cannot begin is not', async () => {
  const app = await start('hanging');
  const end = Promise.withResolvers<void>();
  const on = { 'post-published': () => end.promise };
  const members = [app.bus.subscribe({ group: 'mail', on }), app.bus.subscribe({ group: 'search', on })];
  await Promise.all(members.map(({ ready }) => ready));
  app.bus.subscribe({ group: 'mail', partitions: 8, on });
  for (let count = 1; count <= 3; count += 1) await publish(app);
  const lag = async () => {
    const all = Object.entries(await sdk.metric('pipit.group.lag'));
    return Object.fromEntries(all.filter(([group]) => group.startsWith('hanging')));
  };
  await expect.poll(lag).toEqual({ 'hanging mail': 3, 'hanging search': 3 });
  await members[0]?.stop({ timeout: 10 });
  await publish(app);
  await expect.poll(lag).toEqual({ 'hanging mail': 4, 'hanging search': 4 });
  end.resolve();
  await expect.poll(lag).toEqual({ 'hanging mail': 4, 'hanging search': 0 });
});

it('nothing is traced where it is turned off, and what events carry goes on', async () => {
  const app = await start('off', { telemetry: false });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { events } = await withTrace({ traceparent }, () => publish(app));
  expect(events[0]?.traceparent).toBe(traceparent);
  expect(await app.telemetry.request({ method: 'GET', path: '/' }, async () => 'done')).toBe('done');
  expect(sdk.spans()).toEqual([]);
});
