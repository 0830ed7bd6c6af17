import type { RowGuard } from '../rows/row-guard.ts';
import type { Database, Statements } from './database.ts';
import { failureOf } from './database-failure.ts';
import { migrate } from './migrate.ts';
import { prepareView } from './prepare-view.ts';
import { type Tables, tablesIn } from './tables.ts';

/** One view in a database. Its statements reject with a RepositoryError, and wait until there are tables. */
export interface PostgresView<Row> extends Database {
  readonly name: string;
  readonly tables: Tables;
  readonly guard: RowGuard<Row>;
}

export function postgresView<Row>(facts: {
  readonly database: Database;
  readonly name: string;
  readonly schema: string;
  readonly search: readonly string[] | undefined;
  readonly guard: RowGuard<Row>;
}): PostgresView<Row> {
  const { database, name, search, guard } = facts;
  const tables = tablesIn(facts.schema);
  let prepared: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await migrate(database, tables);
    await prepareView(database, tables, name, search);
  }

  async function ready(): Promise<void> {
    prepared ??= prepare();
    try {
      await prepared;
    } catch (error) {
      // The next statement tries again.
      prepared = undefined;
      throw failureOf(name, error);
    }
  }

  return {
    name,
    tables,
    guard,
    async query(text, values) {
      await ready();
      return await statements(name, database).query(text, values);
    },
    async transaction(work) {
      await ready();
      // What the work itself throws is not the database's.
      let thrown: { readonly error: unknown } | undefined;
      try {
        return await database.transaction((transaction) =>
          work(statements(name, transaction)).catch((error: unknown) => {
            thrown = { error };
            throw error;
          }),
        );
      } catch (error) {
        throw thrown === undefined ? failureOf(name, error) : thrown.error;
      }
    },
  };
}

function statements(view: string, of: Statements): Statements {
  return {
    async query(text, values) {
      try {
        return await of.query(text, values);
      } catch (error) {
        throw failureOf(view, error);
      }
    },
  };
}
