import type { EventStore } from '@pipit/store';
import { expectTypeOf, test } from 'vitest';
import { Post, Registered, Renamed, User, Written } from './blog.fixture.ts';
import { defineProjection } from './define-projection.ts';
import type { EventReader } from './event-reader.ts';
import { memoryRepository } from './memory.ts';
import type { Repository } from './repository.ts';
import { viewOf } from './view.ts';

interface Name {
  readonly name: string;
}

const into = memoryRepository<Name>();

test('rows and events are inferred, and of an aggregate the events that matter are enough', () => {
  const projection = defineProjection({
    name: 'names',
    from: [User, Post],
    key: (event) => (event.type === 'post-written' ? event.data.authorId : event.aggregate.id),
    on: {
      'user-registered': (row, event) => {
        expectTypeOf(row).toEqualTypeOf<Name | undefined>();
        expectTypeOf(event.data).toEqualTypeOf<{ name: string }>();
        return event.data;
      },
      'user-left': () => undefined,
    },
    into,
  });
  expectTypeOf(projection.repository).toEqualTypeOf<Repository<Name>>();
});

test('a name that is not among the sources does not compile', () => {
  defineProjection({
    name: 'names',
    from: [User],
    // @ts-expect-error there is no post-written in User
    on: { 'post-written': () => undefined },
    into,
  });
});

test('events that are named one by one all need a function', () => {
  defineProjection({
    name: 'names',
    from: [Registered, Renamed],
    // @ts-expect-error user-renamed is missing
    on: { 'user-registered': (_, { data }) => data },
    into,
  });
});

test('a function that returns another row does not compile', () => {
  defineProjection({
    name: 'names',
    from: [User],
    // @ts-expect-error a name is text
    on: { 'user-registered': () => ({ name: 1 }) },
    into,
  });
});

test('one event may change the rows of several keys, which its function gets', () => {
  defineProjection({
    name: 'names',
    from: [Registered, Written],
    key: (event) => (event.type === 'post-written' ? [event.data.authorId, 'all'] : event.data.name),
    on: {
      'user-registered': (_, { data }, key) => ({ name: data.name + key.length }),
      'post-written': (row) => row,
    },
    into,
  });
  defineProjection({
    name: 'names',
    from: [Registered],
    // @ts-expect-error keys are texts
    key: () => [1],
    on: { 'user-registered': (row) => row },
    into,
  });
});

test('a view has the rows of its projection', () => {
  const view = viewOf(
    defineProjection({ name: 'names', from: [Registered], on: { 'user-registered': (row) => row }, into }),
  );
  expectTypeOf(view.get('a')).resolves.toEqualTypeOf<{ readonly name: string } | undefined>();
  void view.find({ name: 'Ada' });
  // @ts-expect-error there is no such field
  void view.find({ age: 5 });
  // @ts-expect-error views are read
  void view.save('a', { name: 'Ada' });
});

test('an event store is a reader', () => {
  expectTypeOf<EventStore<typeof User | typeof Post>>().toExtend<EventReader>();
});

test('rows are found by fields that every database compares alike', () => {
  const posts = memoryRepository<{ readonly title: string; readonly tags: readonly string[] }>();
  void posts.find({ title: 'Hello' });
  // @ts-expect-error a list is no scalar
  void posts.find({ tags: ['a'] });
  // @ts-expect-error there is no such field
  void posts.find({ author: 'ada' });
});
