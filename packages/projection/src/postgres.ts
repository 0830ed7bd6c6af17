export type { Database, Statements } from './postgres/database.ts';
export { type PgPool, pgDatabase } from './postgres/pg-database.ts';
export { type PGliteLike, pgliteDatabase } from './postgres/pglite-database.ts';
export {
  type PostgresRepository,
  type PostgresRepositoryOptions,
  postgresRepository,
  type RowTransaction,
} from './postgres/postgres-repository.ts';
