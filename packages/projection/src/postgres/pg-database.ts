import type { Database, Statements } from './database.ts';

/** What is used of a pool of `pg`. */
export interface PgPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  connect(): Promise<PgClient>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly command?: string }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  release(error?: Error | boolean): void;
}

/**
 * A server, through a pool of `pg`. The pool stays the caller's: end it after the last use.
 *
 * A connection that breaks is no reason to end the process, as it would be in a pool nobody listens to: an idle one is
 * replaced by the pool, and what a busy one was doing rejects.
 */
export function pgDatabase(pool: PgPool): Database {
  // Several repositories may share a pool, which warns of more than ten listeners.
  if (!heeded.has(pool)) pool.on('error', overlook);
  heeded.add(pool);
  return {
    ...statements(pool),
    async transaction(work) {
      const client = await pool.connect();
      client.on('error', overlook);
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(statements(client));
        const { command } = await client.query('COMMIT');
        // PostgreSQL answers so where a statement had failed and the work went on all the same.
        if (command === 'ROLLBACK')
          throw new Error('The transaction was rolled back: a statement in it had failed');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((cause: Error) => {
          broken = cause;
        });
        throw error;
      } finally {
        client.off('error', overlook);
        client.release(broken);
      }
    },
  };
}

const heeded = new WeakSet<PgPool>();

function overlook(): void {}

function statements(connection: Pick<PgPool, 'query'>): Statements {
  return {
    query: async <Result>(text: string, values: readonly unknown[] = []) =>
      (await connection.query(text, [...values])).rows as Result[],
  };
}
