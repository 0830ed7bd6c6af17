import { expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import type { Catalog } from './catalog.ts';
import { defineEvent, type EventDefinition, type EventOf } from './define-event.ts';
import {
  type CommandDefinition,
  type CommandOf,
  defineCommand,
  defineQuery,
  defineState,
  type Message,
  type NewMessageOf,
  type QueryDefinition,
  type StateDefinition,
} from './define-message.ts';
import type { DataOf } from './definition.ts';
import { defineRegistry } from './registry.ts';
import { decodeEvent, type StoredMessage } from './stored-message.ts';

const Published = defineEvent(
  'post-published',
  z.object({ title: z.string(), lang: z.string().default('en') }),
);
const Renamed = defineEvent('post-renamed', z.object({ title: z.string() }));
const Publish = defineCommand('publish', z.object({ title: z.string() }), {
  result: z.object({ id: z.string() }),
});
const Hide = defineCommand('hide', z.object({ id: z.string() }));
const Find = defineQuery('find', z.object({ id: z.string() }), z.object({ title: z.string() }).nullable());
const Post = defineState('post', z.object({ title: z.string() }));
const registry = defineRegistry({
  events: [Published, Renamed],
  commands: [Publish, Hide],
  queries: [Find],
  states: [Post],
});

test('a payload is encoded by a name that is known, with what its schema takes', () => {
  const encoded = registry.events.encode('post-published', { title: 'a' });
  expectTypeOf(encoded.data).toEqualTypeOf<{ title: string; lang: string }>();
  expectTypeOf(encoded.bytes).toEqualTypeOf<Uint8Array>();
  // @ts-expect-error a title is text
  registry.events.encode('post-published', { title: 5 });
  // @ts-expect-error the title is missing
  registry.events.encode('post-renamed', {});
  // @ts-expect-error no event of that name
  registry.events.encode('post-deleted', { title: 'a' });
  // @ts-expect-error a command is no event
  registry.events.encode('publish', { title: 'a' });
});

test('a payload is decoded by name to what readers get, without a cast', () => {
  const payload = registry.events.encode('post-renamed', { title: 'a' });
  expectTypeOf(registry.events.decode('post-published', payload)).toEqualTypeOf<{
    title: string;
    lang: string;
  }>();
  expectTypeOf(registry.events.decode('post-renamed', payload)).toEqualTypeOf<{ title: string }>();
  // @ts-expect-error no event of that name
  registry.events.decode('post-deleted', payload);
});

test('definitions are found by name, and a text becomes a name by asking', () => {
  expectTypeOf(registry.events.get('post-renamed')).toEqualTypeOf<typeof Renamed>();
  expectTypeOf(registry.events.types).toEqualTypeOf<readonly ('post-published' | 'post-renamed')[]>();
  // @ts-expect-error no event of that name
  registry.events.get('post-deleted');
  const name = String('post-renamed');
  // @ts-expect-error not every text is a name
  registry.events.get(name);
  if (registry.events.has(name)) expectTypeOf(name).toEqualTypeOf<'post-published' | 'post-renamed'>();
});

test('a stored message becomes one of the events of the registry', () => {
  const read = (message: StoredMessage) => decodeEvent(registry.events, message);
  expectTypeOf(read).returns.toEqualTypeOf<EventOf<typeof Published | typeof Renamed>>();
});

test('commands and queries carry their input, their data and their answer', () => {
  expectTypeOf(Publish.create({ title: 'a' })).toEqualTypeOf<Message<'publish', { title: string }>>();
  expectTypeOf<CommandOf<typeof Publish | typeof Hide>>().toEqualTypeOf<
    Message<'publish', { title: string }> | Message<'hide', { id: string }>
  >();
  expectTypeOf<NewMessageOf<typeof Find>>().toEqualTypeOf<Message<'find', { id: string }>>();
  expectTypeOf<typeof Publish>().toExtend<CommandDefinition<'publish', unknown, unknown, { id: string }>>();
  expectTypeOf<ResultOf<typeof Publish>>().toEqualTypeOf<{ id: string }>();
  expectTypeOf<ResultOf<typeof Hide>>().toEqualTypeOf<undefined>();
  expectTypeOf<ResultOf<typeof Find>>().toEqualTypeOf<{ title: string } | null>();
  // @ts-expect-error the title is missing
  Publish.create({});
  // @ts-expect-error an id is text
  Find.create({ id: 5 });
  // @ts-expect-error a query without an answer is none
  defineQuery('nothing', z.object({}));
});

type ResultOf<D> =
  D extends CommandDefinition<string, infer _I, infer _D, infer Result>
    ? Result
    : D extends QueryDefinition<string, infer _I, infer _D, infer Result>
      ? Result
      : never;

test('each catalog knows its own kind only', () => {
  expectTypeOf(registry.commands.encode('hide', { id: 'a' }).data).toEqualTypeOf<{ id: string }>();
  expectTypeOf(registry.queries.encode('find', { id: 'a' }).data).toEqualTypeOf<{ id: string }>();
  expectTypeOf(registry.states.encode('post', { title: 'a' }).data).toEqualTypeOf<{ title: string }>();
  // @ts-expect-error a query is no command
  registry.commands.encode('find', { id: 'a' });
  // @ts-expect-error an event is no command
  defineRegistry({ commands: [Published] });
  // @ts-expect-error a command is no event
  defineRegistry({ events: [Hide] });
});

test('what a registry was not given, it has nothing of', () => {
  const empty = defineRegistry({ events: [Renamed] });
  // @ts-expect-error it has no commands
  empty.commands.encode('publish', { title: 'a' });
  expectTypeOf(empty.commands.types).toEqualTypeOf<readonly never[]>();
});

test('a state has versions like an event', () => {
  const Later = Post.version(2, z.object({ name: z.string() }), ({ title }) => ({ name: title }));
  expectTypeOf<DataOf<typeof Later>>().toEqualTypeOf<{ name: string }>();
  expectTypeOf(Later).toExtend<StateDefinition>();
  // @ts-expect-error version 2 is missing
  Post.version(3, z.object({ title: z.string() }), (before) => before);
  // @ts-expect-error a name is text
  Post.version(2, z.object({ name: z.string() }), () => ({ name: 5 }));
  // @ts-expect-error commands have no versions: nobody keeps them
  Publish.version(2, z.object({}), () => ({}));
});

test('a catalog of certain events serves where any events are asked for', () => {
  expectTypeOf(registry.events).toExtend<Catalog<EventDefinition>>();
});
