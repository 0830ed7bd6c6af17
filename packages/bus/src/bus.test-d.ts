import { defineAggregate } from '@pipit/store';
import { defineEvent, type EventOf, type RecordedEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Bus, HandlerContext, SubscribeOptions } from './bus.ts';
import type { Hub } from './hub.ts';
import { jetStreamBus } from './jetstream.ts';
import { defineTopic } from './topics.ts';

const Published = defineEvent('post-published', z.object({ title: z.string() }));
const Renamed = defineEvent('post-renamed', z.object({ from: z.string() }));
const Joined = defineEvent('user-joined', z.object({ name: z.string() }));
const Post = defineAggregate('post', {
  events: [Published, Renamed],
  initial: { title: '' },
  evolve: { 'post-published': (_, { data }) => data, 'post-renamed': (state) => state },
});
const User = defineAggregate('user', {
  events: [Joined],
  initial: { name: '' },
  evolve: { 'user-joined': (_, { data }) => data },
});

type BlogEvent = EventOf<typeof Published | typeof Renamed | typeof Joined>;
declare const bus: Bus<BlogEvent>;

test('a bus knows the events of the aggregates it was opened with', () => {
  const open = () => jetStreamBus({ connection: {} as never, store: 'blog', aggregates: [Post, User] });
  expectTypeOf(open).returns.resolves.toEqualTypeOf<Bus<BlogEvent>>();
  const some = () =>
    jetStreamBus({
      connection: {} as never,
      store: 'blog',
      aggregates: [{ type: 'user', events: [Joined] }],
    });
  expectTypeOf(some).returns.resolves.toEqualTypeOf<Bus<EventOf<typeof Joined>>>();
});

test('a handler gets its own type of event, without annotations', () => {
  bus.subscribe({
    group: 'search',
    on: {
      'post-published': (event, context) => {
        expectTypeOf(event).toEqualTypeOf<RecordedEvent<'post-published', { title: string }>>();
        expectTypeOf(context).toEqualTypeOf<HandlerContext>();
      },
      'user-joined': async ({ data }) => {
        expectTypeOf(data).toEqualTypeOf<{ name: string }>();
      },
    },
  });
});

test('a hub takes what its bus takes, without annotations', () => {
  const hub = bus.hub({ signal: AbortSignal.timeout(1_000), onFailure: 'stop' });
  hub.subscribe({
    group: 'search',
    on: {
      'post-published': (event, context) => {
        expectTypeOf(event).toEqualTypeOf<RecordedEvent<'post-published', { title: string }>>();
        expectTypeOf(context).toEqualTypeOf<HandlerContext>();
      },
    },
  });
  hub.subscribe({
    group: 'mail',
    types: ['post-renamed', 'user-joined'],
    handle: ({ data }) => {
      expectTypeOf(data).toEqualTypeOf<{ from: string } | { name: string }>();
    },
  });
  const Joins = defineTopic('joins', { events: [Joined] });
  hub.subscribeTopic(Joins, {
    group: 'mail',
    on: {
      'user-joined': ({ key, data }) => {
        expectTypeOf({ key, data }).toEqualTypeOf<{ key: string; data: { name: string } }>();
      },
    },
  });
  // @ts-expect-error no such type of event
  hub.subscribe({ group: 'search', on: { 'post-publishd': () => {} } });
  // @ts-expect-error a hub has one way or the other
  bus.hub({ onFailure: 'panic' });
  expectTypeOf(hub).toEqualTypeOf<Hub<BlogEvent>>();
});

test('a handler for a type of event that the bus does not know does not compile', () => {
  bus.subscribe({
    group: 'search',
    on: {
      // @ts-expect-error it is post-published
      'post-publishd': () => {},
    },
  });
});

test('a field that the payload does not have does not compile', () => {
  bus.subscribe({
    group: 'search',
    on: {
      // @ts-expect-error that is a field of post-published
      'post-renamed': ({ data }) => data.title,
    },
  });
});

test('a handler for another payload does not compile', () => {
  bus.subscribe({
    group: 'search',
    // @ts-expect-error the title is text
    on: { 'post-published': (event: { data: { title: number } }) => event },
  });
});

test('group and handlers are required, and options are spelled right', () => {
  // @ts-expect-error no group
  bus.subscribe({ on: { 'post-published': () => {} } });
  // @ts-expect-error no handlers
  bus.subscribe({ group: 'search' });
  // @ts-expect-error it is 'start' or 'new'
  bus.subscribe({ group: 'search', on: { 'post-published': () => {} }, from: 'end' });
});

test('a bus of more events serves where one of fewer is asked for', () => {
  expectTypeOf(bus).toExtend<Bus<EventOf<typeof Joined>>>();
  expectTypeOf<SubscribeOptions<BlogEvent>['group']>().toEqualTypeOf<string>();
});
