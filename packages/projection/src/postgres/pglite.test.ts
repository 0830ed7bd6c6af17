import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import { testRepository } from '../testing.ts';
import { pgliteDatabase } from './pglite-database.ts';
import { postgresRepository } from './postgres-repository.ts';

let pglite: PGlite;
let schemas = 0;

beforeAll(async () => {
  pglite = await PGlite.create();
});

afterAll(() => pglite.close());

testRepository('PGlite', async (options) => {
  schemas += 1;
  const open = () =>
    postgresRepository({ ...options, db: pgliteDatabase(pglite), schema: `contract ${schemas}` });
  return { repository: open(), another: async () => open() };
});
