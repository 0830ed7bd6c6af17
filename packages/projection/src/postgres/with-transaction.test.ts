import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RowMismatchError } from '../repository-errors.ts';
import { bothDatabases } from './both-databases.fixture.ts';
import type { Database } from './database.ts';
import { type PostgresRepository, postgresRepository } from './postgres-repository.ts';

describe.each(bothDatabases())('a transaction in %s', (_, open) => {
  let db: Database;
  let posts: PostgresRepository<{ title: string }>;
  let schemas = 0;

  beforeEach(async () => {
    schemas += 1;
    db = open();
    posts = postgresRepository({
      db,
      name: 'posts',
      row: z.object({ title: z.string() }),
      schema: `own_${schemas}`,
    });
    await posts.save('a', { title: 'before' });
    await db.query(`CREATE TABLE own_${schemas}.mine (id integer PRIMARY KEY)`);
  });

  const insert = () => `INSERT INTO own_${schemas}.mine VALUES ($1)`;
  const mine = async () =>
    (await db.query<{ id: number }>(`SELECT id FROM own_${schemas}.mine`)).map(({ id }) => id);

  it('commits rows and statements of one’s own together', async () => {
    const result = await posts.withTransaction(async (rows) => {
      await rows.query(insert(), [1]);
      await rows.save('a', { title: 'after' });
      await rows.saveMany([['b', { title: 'b' }]]);
      await rows.saveMany([['c', { title: 'c' }]]);
      await rows.delete('c');
      expect(await rows.get('a')).toEqual({ title: 'after' });
      expect(await rows.query('SELECT 5 AS five')).toEqual([{ five: 5 }]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await mine()).toEqual([1]);
    expect(await posts.find()).toEqual([{ title: 'after' }, { title: 'b' }]);
  });

  it('makes the first version where there is none', async () => {
    const others = postgresRepository({ db, name: 'others', row: z.object({}), schema: `own_${schemas}` });
    await others.withTransaction((rows) => rows.save('a', {}));
    expect(await others.find()).toEqual([{}]);
  });

  it('leaves nothing where the work throws, and throws the same', async () => {
    const thrown = new Error('mine');
    const work = posts.withTransaction(async (rows) => {
      await rows.query(insert(), [1]);
      await rows.save('a', { title: 'after' });
      throw thrown;
    });
    expect(await work.catch((error: unknown) => error)).toBe(thrown);
    const bad = posts.withTransaction(async (rows) => {
      await rows.query(insert(), [1]);
      await rows.save('a', { title: 5 } as never);
    });
    await expect(bad).rejects.toThrow(RowMismatchError);
    expect(await mine()).toEqual([]);
    expect(await posts.find()).toEqual([{ title: 'before' }]);
  });

  it('is not taken for committed where a statement failed and the work went on', async () => {
    const work = posts.withTransaction(async (rows) => {
      await rows.save('a', { title: 'after' });
      await expect(rows.query(insert(), ['no number'])).rejects.toMatchObject({ code: 'REPOSITORY' });
    });
    await expect(work).rejects.toMatchObject({ code: 'REPOSITORY', reason: 'failed' });
    expect(await posts.find()).toEqual([{ title: 'before' }]);
    await posts.save('a', { title: 'goes on' });
  });

  it('shows a row that does not fit its schema as what it is', async () => {
    await db.query(`UPDATE own_${schemas}.pipit_rows SET data = '{"title": 5}'`);
    for (const read of [
      () => posts.get('a'),
      () => posts.find(),
      () => posts.page(),
      () => posts.getMany(['a']),
    ]) {
      const error = await read().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RowMismatchError);
      expect(error).toMatchObject({ view: 'posts', version: 1, key: 'a', issues: [{ path: ['title'] }] });
    }
  });
});
