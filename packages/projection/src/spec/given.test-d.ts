import { test } from 'vitest';
import { Post, Registered, User, Written } from '../blog.fixture.ts';
import { namesProjection } from '../names.fixture.ts';
import { given } from '../spec.ts';

const names = namesProjection();

test('events are those of their aggregates, and rows those of the projection', () => {
  const past = given(names, [
    [User, 'ada', Registered.create({ name: 'Ada' })],
    [Post, 'p1', Written.create({ authorId: 'ada' })],
  ]);
  past.then({ ada: { name: 'Ada', changes: 1 } });
  // @ts-expect-error a field is missing
  past.then({ ada: { name: 'Ada' } });
  // @ts-expect-error no event of users
  given(names, [[User, 'ada', Written.create({ authorId: 'ada' })]]);
  // @ts-expect-error the id is missing
  given(names, [[User, Registered.create({ name: 'Ada' })]]);
});
