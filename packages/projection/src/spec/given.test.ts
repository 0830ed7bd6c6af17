import { InvalidPayloadError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { Left, Post, Registered, Renamed, User, Written } from '../blog.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';
import { namesProjection } from '../names.fixture.ts';
import { given, SpecificationError } from '../spec.ts';

const names = namesProjection();

describe('a specification of a projection', () => {
  it('holds where the rows are the given ones, all of them', () => {
    const past = given(names, [
      [User, 'ada', Registered.create({ name: 'Ada' })],
      [User, 'bob', Registered.create({ name: 'Bob' }), Left.create({})],
      [Post, 'p1', Written.create({ authorId: 'ada' })],
      [User, 'ada', Renamed.create({ name: 'Ada L.' })],
    ]);
    past.then({ ada: { name: 'Ada L.', changes: 2 } });
    past.then({ ada: { name: 'Ada L.', changes: 2 } });
    expect(() => past.then({})).toThrow(SpecificationError);
    expect(() => past.then({ ada: { name: 'Ada', changes: 2 } })).toThrow(/^Given 5 events, projection names does not have the expected rows/);
    expect(() =>
      past.then({ ada: { name: 'Ada L.', changes: 2 }, bob: { name: 'Bob', changes: 1 } }),
    ).toThrow(SpecificationError);
  });

  it('gives events what a store would give them', () => {
    const seen = defineProjection({
      name: 'seen',
      from: [User],
      key: ({ aggregate, revision }) => [`${aggregate.id} ${revision}`, 'last'],
      on: {
        'user-registered': (_, { id, position, time }) => ({ id, position, time: time.toISOString() }),
        'user-renamed': (_, { id, position, time }) => ({ id, position, time: time.toISOString() }),
      },
      into: memoryRepository<{ id: string; position: number; time: string }>(),
    });
    const second = { id: 'mine', position: 2, time: '2020-01-01T00:00:00.000Z' };
    given(seen, [
      [User, 'a', Registered.create({ name: '' })],
      [User, 'a', Renamed.create({ name: '' }, { id: 'mine', time: new Date('2020-01-01') })],
    ]).then({
      'a 1': { id: 'event-1', position: 1, time: '2000-01-01T00:00:00.000Z' },
      'a 2': second,
      last: second,
    });
  });

  it('fails where a function throws, or changes the row it gets', () => {
    const rude = defineProjection({
      name: 'rude',
      from: [User],
      on: {
        'user-registered': () => ({ list: [] }),
        'user-renamed': (row, { data }) => {
          row?.list.push(data.name);
          return row;
        },
      },
      into: memoryRepository<{ list: string[] }>(),
    });
    const past = given(rude, [[User, 'a', Registered.create({ name: '' }), Renamed.create({ name: 'x' })]]);
    expect(() => past.then({ a: { list: ['x'] } })).toThrow(/throws: TypeError/);
  });

  it('refuses what no store takes', () => {
    expect(() =>
      given(names, [[User, 'a', { type: 'user-registered', data: { name: 5 as never } }]]),
    ).toThrow(InvalidPayloadError);
  });
});
