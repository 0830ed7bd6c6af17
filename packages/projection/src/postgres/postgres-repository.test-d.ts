import type { PGlite } from '@electric-sql/pglite';
import type { Pool } from 'pg';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { pgDatabase, pgliteDatabase, postgresRepository, type SearchedRepository } from '../postgres.ts';

declare const pool: Pool;
declare const pglite: PGlite;
const row = z.object({ title: z.string(), likes: z.number() });

test('rows have the type of their schema, on either driver', () => {
  const posts = postgresRepository({ db: pgDatabase(pool), name: 'posts', row });
  expectTypeOf(posts.get('a')).resolves.toEqualTypeOf<{ title: string; likes: number } | undefined>();
  void posts.find({ likes: { atLeast: 5 } });
  // @ts-expect-error a number is no text
  void posts.find({ title: 5 });
  // @ts-expect-error nobody said which fields to search
  void posts.search('words');
  void posts.withTransaction(async (rows) => {
    // @ts-expect-error a field is missing
    await rows.save('a', { title: '' });
  });
});

test('rows can be searched by fields that they have', () => {
  const posts = postgresRepository({ db: pgliteDatabase(pglite), name: 'posts', row, search: ['title'] });
  expectTypeOf(posts).toEqualTypeOf<SearchedRepository<{ title: string; likes: number }>>();
  // @ts-expect-error no such field
  postgresRepository({ db: pgliteDatabase(pglite), name: 'posts', row, search: ['titel'] });
});
