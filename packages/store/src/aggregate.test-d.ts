import { defineCommand, defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';

const Published = defineEvent('post-published', z.object({ title: z.string(), author: z.string() }));
const Renamed = defineEvent('post-renamed', z.object({ title: z.string() }));
const Rename = defineCommand('rename-post', z.object({ title: z.string() }));

test('state and events are inferred without annotations', () => {
  const Post = defineAggregate('post', {
    events: [Published, Renamed],
    initial: { title: '' },
    evolve: {
      'post-published': (_, { data }) => ({ title: data.title }),
      'post-renamed': (state, { data }) => ({ ...state, title: data.title }),
    },
  });
  expectTypeOf(Post.initial).toEqualTypeOf<{ title: string }>();
  expectTypeOf(Post.type).toEqualTypeOf<'post'>();
});

test('an event without an evolve function does not compile', () => {
  defineAggregate('post', {
    events: [Published, Renamed],
    initial: { title: '' },
    // @ts-expect-error post-renamed is missing
    evolve: { 'post-published': (_, { data }) => ({ title: data.title }) },
  });
});

test('an evolve function for an event that is not one of the aggregate does not compile', () => {
  defineAggregate('post', {
    events: [Published],
    initial: { title: '' },
    evolve: {
      'post-published': (_, { data }) => ({ title: data.title }),
      // @ts-expect-error post-renamed is not among the events
      'post-renamed': (state: { title: string }) => state,
    },
  });
});

test('an evolve function that returns another state, or reads a field the payload has not, does not compile', () => {
  defineAggregate('post', {
    events: [Published],
    initial: { title: '' },
    // @ts-expect-error title is text
    evolve: { 'post-published': () => ({ title: 1 }) },
  });
  defineAggregate('post', {
    events: [Published],
    initial: { title: '' },
    // @ts-expect-error there is no subtitle
    evolve: { 'post-published': (_, { data }) => ({ title: data.subtitle }) },
  });
});

test('commands are inferred, and each needs its decide function', () => {
  const spec = {
    events: [Published, Renamed],
    initial: { title: '' },
    evolve: { 'post-published': () => ({ title: '' }), 'post-renamed': () => ({ title: '' }) },
    commands: [Rename],
  };
  defineAggregate('post', {
    ...spec,
    decide: {
      'rename-post': (command, state) => {
        expectTypeOf(command.data).toEqualTypeOf<{ title: string }>();
        expectTypeOf(state).toEqualTypeOf<{ title: string }>();
        return state.title === command.data.title ? [] : Renamed.create(command.data);
      },
    },
  });
  // @ts-expect-error rename-post has no decide function
  defineAggregate('post', { ...spec, decide: {} });
});
