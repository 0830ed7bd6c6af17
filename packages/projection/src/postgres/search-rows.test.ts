import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidQueryError } from '../repository-errors.ts';
import { bothDatabases } from './both-databases.fixture.ts';
import { postgresRepository, type SearchedRepository } from './postgres-repository.ts';

const row = z.object({
  title: z.string(),
  body: z.string().optional(),
  tags: z.array(z.string()).optional(),
});
type Row = z.infer<typeof row>;

describe.each(bothDatabases())('a search in %s', (_, open) => {
  let schema: string;
  let posts: SearchedRepository<Row>;
  let schemas = 0;

  const searched = (search: readonly (keyof Row & string)[]) =>
    postgresRepository({ db: open(), name: 'posts', row, schema, search });
  const titles = async (words: string, of = posts) =>
    (await of.search(words)).rows.map(({ title }) => title).sort();

  beforeEach(async () => {
    schemas += 1;
    schema = `search_${schemas}`;
    posts = searched(['title', 'body', 'tags']);
    await posts.saveMany([
      ['1', { title: 'A bird sings', body: 'in the morning', tags: ['nature', 'Musik'] }],
      ['2', { title: 'Birds of prey', body: 'A bird, a bird, a bird.' }],
      ['3', { title: 'Über Pipits', tags: ['bird'] }],
      ['4', { title: 'Nothing' }],
    ]);
  });

  it('finds rows that have all words, in any of the fields and any case', async () => {
    expect(await titles('BIRD')).toEqual(['A bird sings', 'Birds of prey', 'Über Pipits']);
    expect(await titles('bird morning')).toEqual(['A bird sings']);
    expect(await titles('über')).toEqual(['Über Pipits']);
    expect(await titles('musik')).toEqual(['A bird sings']);
    expect(await titles('birds or nothing')).toEqual(['Birds of prey', 'Nothing']);
    expect(await titles('bird -prey')).toEqual(['A bird sings', 'Über Pipits']);
    expect(await titles('"bird sings"')).toEqual(['A bird sings']);
    expect(await titles('absent')).toEqual([]);
  });

  it('takes whatever is typed', async () => {
    for (const words of [
      '',
      ' ',
      "'",
      '"',
      '&',
      '!',
      '(bird',
      "a'b & | ! :* <->",
      ':*',
      '🐦',
      "'; DROP TABLE x; --",
      'x'.repeat(5_000),
    ]) {
      expect(Array.isArray(await titles(words))).toBe(true);
    }
    await expect(posts.search('a\0')).rejects.toThrow(InvalidQueryError);
    await expect(posts.search('a', { limit: 0 })).rejects.toThrow(InvalidQueryError);
    const { next = '' } = await posts.search('bird', { limit: 1 });
    await expect(posts.search('other', { after: next })).rejects.toThrow(InvalidQueryError);
  });

  it('shows the best first, page by page, each row once', async () => {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await posts.search('bird', { limit: 1, ...(after !== undefined && { after }) });
      found.push(...page.rows.map(({ title }) => title));
      after = page.next;
    } while (after !== undefined);
    expect(found[0]).toBe('Birds of prey');
    expect(found.toSorted()).toEqual(['A bird sings', 'Birds of prey', 'Über Pipits']);
  });

  it('follows changes, by hand and by the owner of a shard, in the active version only', async () => {
    await posts.save('4', { title: 'A bird at last' });
    await posts.delete('3');
    const shard = await (await posts.versions.open(1, { shards: 1 })).claim(0, 'me', 60_000);
    const at = new Date();
    const change = { position: 1, createdAt: at, updatedAt: at, before: undefined };
    await shard?.write(
      [
        { ...change, key: '2', row: { title: 'None any more' } },
        { ...change, key: '1', row: undefined },
      ],
      1,
    );
    expect(await titles('bird')).toEqual(['A bird at last']);
    await posts.versions.open(2, { shards: 1 });
    await posts.versions.activate(2);
    expect(await titles('bird')).toEqual([]);
  });

  it('finds by other fields as soon as it is told to, also rows that are there', async () => {
    const byTitle = searched(['title']);
    expect(await titles('bird', byTitle)).toEqual(['A bird sings']);
    const without = postgresRepository({ db: open(), name: 'posts', row, schema });
    await without.save('5', { title: 'Another bird', body: 'morning' });
    expect(await titles('bird', byTitle)).toEqual(['A bird sings', 'Another bird']);
    expect(await titles('morning', byTitle)).toEqual([]);
  });

  it('keeps rows with more words than PostgreSQL takes', async () => {
    const words = Array.from({ length: 400_000 }, (_, at) => at.toString(36)).join(' ');
    await posts.save('long', { title: 'Long bird', body: words });
    expect(await titles('long')).toEqual(['Long bird']);
  });
});
