import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import type { Database } from './database.ts';
import { pgDatabase } from './pg-database.ts';
import { pgliteDatabase } from './pglite-database.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

/** How to open each kind of PostgreSQL, one of each for all tests of the file that calls it. */
export function bothDatabases(): (readonly [string, () => Database])[] {
  let server: PostgresServer;
  let pglite: PGlite;
  beforeAll(async () => {
    [server, pglite] = await Promise.all([startPostgres(), PGlite.create()]);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), pglite?.close()]);
  });
  return [
    ['PGlite', () => pgliteDatabase(pglite)],
    ['a PostgreSQL server', () => pgDatabase(server.pool({ max: 2 }))],
  ];
}
