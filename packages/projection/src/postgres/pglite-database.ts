import type { Database, Statements } from './database.ts';

interface PGliteStatements {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** What is used of a `PGlite`. */
export interface PGliteLike extends PGliteStatements {
  transaction<Result>(work: (transaction: PGliteStatements) => Promise<Result>): Promise<Result>;
}

/** PostgreSQL in this process. It stays the caller's: close it after the last use. */
export function pgliteDatabase(pglite: PGliteLike): Database {
  return {
    ...statements(pglite),
    transaction: (work) => pglite.transaction((transaction) => work(statements(transaction))),
  };
}

function statements(connection: PGliteStatements): Statements {
  return {
    query: async <Result>(text: string, values: readonly unknown[] = []) =>
      (await connection.query(text, [...values])).rows as Result[],
  };
}
