export type { Database, Statements } from './postgres/database.ts';
export { type PgPool, pgDatabase } from './postgres/pg-database.ts';
export { type PGliteLike, pgliteDatabase } from './postgres/pglite-database.ts';
export {
  type PostgresRepository,
  type PostgresRepositoryOptions,
  postgresRepository,
  type RowTransaction,
  type SearchedRepository,
  type SearchedRepositoryOptions,
} from './postgres/postgres-repository.ts';
export type { SearchOptions } from './postgres/search-rows.ts';
