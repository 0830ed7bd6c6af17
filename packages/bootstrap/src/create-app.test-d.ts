import type { Alerts, Commands, DeadLetter, Operations } from '@pipit/bus';
import { defineProjection, type View } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate } from '@pipit/store';
import { defineCommand, defineEvent } from '@pipit/types-registry';
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { readConfig as read } from './config/read-config.ts';
import type { createApp as create } from './create-app.ts';
import type { definePart as define } from './lifecycle/part.ts';

declare const createApp: typeof create;
declare const definePart: typeof define;
declare const readConfig: typeof read;

const Published = defineEvent('post-published', z.object({ title: z.string() }));
const Renamed = defineEvent('user-renamed', z.object({ name: z.string() }));
const Post = defineAggregate('post', {
  events: [Published],
  initial: { title: '' },
  evolve: { 'post-published': (_, { data }) => data },
});
const User = defineAggregate('user', {
  events: [Renamed],
  initial: { name: '' },
  evolve: { 'user-renamed': (_, { data }) => data },
});
const Other = defineAggregate('other', {
  events: [Renamed],
  initial: 0,
  evolve: { 'user-renamed': (count) => count + 1 },
});

it('infers what store and bus take from the aggregates', async () => {
  const app = await createApp({ name: 'blog', aggregates: [Post, User] });

  const loaded = await app.store.load(Post, 'p1');
  expectTypeOf(loaded.state).toEqualTypeOf<{ title: string }>();
  // @ts-expect-error an aggregate that the application was not given
  await app.store.load(Other, 'o1');
  // @ts-expect-error an event of another aggregate
  await app.store.append(Post, 'p1', Renamed.create({ name: 'Ada' }));

  app.bus.subscribe({
    group: 'search',
    on: { 'post-published': (event) => expectTypeOf(event.data).toEqualTypeOf<{ title: string }>() },
  });
  // @ts-expect-error an event that nobody defines
  app.bus.subscribe({ group: 'search', on: { 'post-deleted': () => {} } });
});

it('hands out operations, dead letters and commands with their types', async () => {
  const app = await createApp({ name: 'blog', aggregates: [Post] });
  expectTypeOf(app.operations).toEqualTypeOf<Operations>();
  expectTypeOf(app.commands).toEqualTypeOf<Commands>();

  const title = await app.operations.operation({ kind: 'command', name: 'publish' }, async () => 'Hello');
  expectTypeOf(title).toEqualTypeOf<string>();
  // @ts-expect-error no such kind
  await app.operations.operation({ kind: 'request', name: 'publish' }, () => {});
  for await (const letter of app.bus.deadLetters.list()) expectTypeOf(letter).toEqualTypeOf<DeadLetter>();

  const Count = defineCommand('count', z.object({ of: z.string() }), { result: z.number() });
  expectTypeOf(await app.commands.send(Count, { of: 'posts' })).toEqualTypeOf<number>();
  // @ts-expect-error what the command does not take
  await app.commands.send(Count, { off: 'posts' });
});

it('reads the rows of a projection by their type', async () => {
  const names = defineProjection({
    name: 'names',
    from: [User],
    on: { 'user-renamed': (_, { data }) => ({ name: data.name }) },
    into: memoryRepository<{ name: string }>(),
  });
  const app = await createApp({
    name: 'blog',
    aggregates: [User],
    projections: [names],
  });
  const view = app.view(names);
  expectTypeOf(view).toEqualTypeOf<View<{ name: string }>>();
  await view.find({ name: 'Ada' });
  // @ts-expect-error no such field
  await view.find({ nmae: 'Ada' });
});

it('takes what stands around handlers, and who is told of dead letters', async () => {
  const alerts: Alerts = { deadLettered: () => {}, close: async () => {} };
  const app = await createApp({ name: 'blog', aggregates: [Post], alerts, use: [(next) => next] });
  expectTypeOf(app.name).toEqualTypeOf<string>();
  // @ts-expect-error no middleware
  await createApp({ name: 'blog', aggregates: [Post], use: ['logging'] });
  // @ts-expect-error one that cannot be closed
  await createApp({ name: 'blog', aggregates: [Post], alerts: { deadLettered: () => {} } });
});

it('hands parts the values of those that they need', async () => {
  const database = definePart('database', {
    start: async ({ config }) => ({ url: config.databaseUrl?.reveal() }),
    stop: (db) => expectTypeOf(db).toEqualTypeOf<{ url: string | undefined }>(),
    check: ({ url }) => url,
  });
  const mailer = definePart('mailer', {
    needs: { database },
    start: ({ database, logger, signal }) => {
      expectTypeOf(database).toEqualTypeOf<{ url: string | undefined }>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      logger.info('starting');
      return { send: (text: string) => text };
    },
  });
  const app = await createApp({
    name: 'blog',
    aggregates: [Post],
    parts: [mailer],
    projections: (get) => {
      expectTypeOf(get(database).url).toEqualTypeOf<string | undefined>();
      return [];
    },
  });
  expectTypeOf(app.get(mailer)).toEqualTypeOf<{ send: (text: string) => string }>();
  expectTypeOf(await app.start(database)).toEqualTypeOf<{ url: string | undefined }>();
  // @ts-expect-error what it does not need
  definePart('reader', { needs: { database }, start: ({ mailer }) => mailer });
  // @ts-expect-error no part
  definePart('reader', { needs: { database: {} }, start: () => 1 });
  app.supervise('reminders', (signal) => expectTypeOf(signal).toEqualTypeOf<AbortSignal>(), { limit: 3 });
  expectTypeOf((await app.health()).ready).toEqualTypeOf<boolean>();
});

it('reads the variables of the application by their schema', async () => {
  const variables = z.object({ ADMIN_TOKEN: z.string().optional(), WORKERS: z.coerce.number() });
  const config = readConfig({ variables });
  expectTypeOf(config.variables).toEqualTypeOf<{ ADMIN_TOKEN?: string | undefined; WORKERS: number }>();
  const app = await createApp({ name: 'blog', aggregates: [Post], config });
  expectTypeOf(app.config.variables).toEqualTypeOf<{ ADMIN_TOKEN?: string | undefined; WORKERS: number }>();
  expectTypeOf((await app.store.load(Post, 'p1')).state).toEqualTypeOf<{ title: string }>();
  // @ts-expect-error a secret is not text
  expectTypeOf(config.databaseUrl).toEqualTypeOf<string | undefined>();
  // @ts-expect-error variables have names
  readConfig({ variables: z.string() });
});

it('takes only options that exist', async () => {
  // @ts-expect-error no such level
  await createApp({ name: 'blog', aggregates: [Post], logLevel: 'loud' });
  // @ts-expect-error the store decides this setting itself
  await createApp({ name: 'blog', aggregates: [Post], stream: { deny_delete: false } });
});
