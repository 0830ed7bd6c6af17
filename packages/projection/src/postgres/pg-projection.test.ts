import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { testRandomRuns } from '../faults/random-runs.fixture.ts';
import { contractRow, testProjection } from '../testing.ts';
import { pgDatabase } from './pg-database.ts';
import { postgresRepository } from './postgres-repository.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

let server: PostgresServer;
let pool: Pool;
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres();
  pool = server.pool();
});

afterAll(() => server.stop());

testProjection('a PostgreSQL server', async (options) => {
  schemas += 1;
  const open = () =>
    postgresRepository({ ...options, db: pgDatabase(pool), schema: `projection ${schemas}` });
  return { repository: open(), another: async () => open() };
});

testRandomRuns('a PostgreSQL server', {
  isTransactional: true,
  runs: 8,
  open: (name) => postgresRepository({ db: pgDatabase(pool), name, row: contractRow }),
});
