import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { testRepository } from '../testing.ts';
import { pgDatabase } from './pg-database.ts';
import { postgresRepository } from './postgres-repository.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

let server: PostgresServer | undefined;
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server?.stop());

testRepository('a PostgreSQL server', async (options) => {
  schemas += 1;
  const pools: Pool[] = [];
  const open = () => {
    const pool = (server as PostgresServer).pool({ max: 4 });
    pools.push(pool);
    return postgresRepository({ ...options, db: pgDatabase(pool), schema: `contract ${schemas}` });
  };
  return {
    repository: open(),
    another: async () => open(),
    release: async () => void (await Promise.all(pools.map((pool) => pool.end()))),
  };
});
