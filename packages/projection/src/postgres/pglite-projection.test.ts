import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import { testRandomRuns } from '../faults/random-runs.fixture.ts';
import { contractRow, testProjection } from '../testing.ts';
import { pgliteDatabase } from './pglite-database.ts';
import { postgresRepository } from './postgres-repository.ts';

let pglite: PGlite;
let schemas = 0;

beforeAll(async () => {
  pglite = await PGlite.create();
});

afterAll(() => pglite.close());

testProjection('PGlite', async (options) => {
  schemas += 1;
  const open = () =>
    postgresRepository({ ...options, db: pgliteDatabase(pglite), schema: `projection ${schemas}` });
  return { repository: open(), another: async () => open() };
});

testRandomRuns('PGlite', {
  isTransactional: true,
  runs: 8,
  open: (name) => postgresRepository({ db: pgliteDatabase(pglite), name, row: contractRow }),
});
