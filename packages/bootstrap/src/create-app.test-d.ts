import { defineAggregate } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { createApp as create } from './create-app.ts';

declare const createApp: typeof create;

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

it('takes only options that exist', async () => {
  // @ts-expect-error no such level
  await createApp({ name: 'blog', aggregates: [Post], logLevel: 'loud' });
  // @ts-expect-error the store decides this setting itself
  await createApp({ name: 'blog', aggregates: [Post], stream: { deny_delete: false } });
});
