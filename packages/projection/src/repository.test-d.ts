import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { memoryRepository } from './memory.ts';
import type { Repository, SortField, Where } from './repository.ts';

interface Row {
  readonly owner: string;
  readonly cents: number;
  readonly open: boolean;
  readonly note?: string;
  readonly closedBy: string | null;
  readonly kind: 'private' | 'shared';
  readonly tags: readonly string[];
}

declare const repository: Repository<Row>;

test('rows are found by scalars of their types', () => {
  void repository.find({
    owner: 'ada',
    cents: { atLeast: 5 },
    open: true,
    closedBy: null,
    kind: { in: ['shared'] },
  });
  void repository.find({ owner: { above: 'a', below: 'b' }, note: 'x' });
  // @ts-expect-error a number is no text
  void repository.find({ owner: 5 });
  // @ts-expect-error lists are not compared
  void repository.find({ tags: ['a'] });
  // @ts-expect-error no such field
  void repository.find({ oner: 'ada' });
  // @ts-expect-error not one of them
  void repository.find({ kind: 'public' });
  // @ts-expect-error booleans have no ranges
  void repository.find({ open: { above: false } });
  expectTypeOf<keyof Where<Row>>().toEqualTypeOf<'owner' | 'cents' | 'open' | 'note' | 'closedBy' | 'kind'>();
});

test('rows are sorted by texts and numbers', () => {
  expectTypeOf<SortField<Row>>().toEqualTypeOf<'owner' | 'cents' | 'note' | 'closedBy' | 'kind'>();
  void repository.page({ orderBy: 'cents', direction: 'descending', limit: 5 });
  // @ts-expect-error neither texts nor numbers
  void repository.page({ orderBy: 'tags' });
});

test('rows have the type of their schema', () => {
  const posts = memoryRepository({ name: 'posts', row: z.object({ title: z.string(), likes: z.number() }) });
  expectTypeOf(posts).toEqualTypeOf<Repository<{ title: string; likes: number }>>();
  expectTypeOf(memoryRepository<Row>()).toEqualTypeOf<Repository<Row>>();
  // @ts-expect-error a field is missing
  void posts.save('a', { title: 'Hello' });
});
