import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import type { Database } from './database.ts';
import { pgDatabase } from './pg-database.ts';
import { pgliteDatabase } from './pglite-database.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

let server: PostgresServer | undefined;
let pglite: PGlite | undefined;

beforeAll(async () => {
  [server, pglite] = await Promise.all([startPostgres(), PGlite.create()]);
});

afterAll(async () => {
  await Promise.all([server?.stop(), pglite?.close()]);
});

/** How to open each kind of PostgreSQL, one of each for all tests of who imports it. */
export const bothDatabases = [
  ['PGlite', () => pgliteDatabase(pglite as PGlite)],
  ['a PostgreSQL server', () => pgDatabase((server as PostgresServer).pool({ max: 2 }))],
] as const satisfies readonly (readonly [string, () => Database])[];
