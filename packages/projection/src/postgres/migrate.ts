import { NewerTablesError } from '../repository-errors.ts';
import type { Database, Statements } from './database.ts';
import { migrations } from './migrations.ts';
import { quoted, type Tables } from './tables.ts';

/**
 * Makes the tables, or brings them up to date; does nothing where they are. Several processes may do so at once: one
 * does, the others wait for it.
 *
 * @throws NewerTablesError
 */
export async function migrate(database: Database, tables: Tables): Promise<void> {
  const known = migrations(tables).length;
  if ((await versionOf(database, tables)) === known) return;
  await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))', [
      `pipit migrations of ${tables.schema}`,
    ]);
    const found = await versionOf(transaction, tables);
    if (found > known) throw new NewerTablesError(tables.schema, found, known);
    if (found === 0) await createMigrations(transaction, tables);
    for (const [index, statements] of migrations(tables).entries()) {
      const version = index + 1;
      if (version <= found) continue;
      for (const statement of statements) await transaction.query(statement);
      await transaction.query(`INSERT INTO ${tables.migrations} (version) VALUES ($1::integer)`, [version]);
    }
  });
}

/** 0 where there are none. */
async function versionOf(statements: Statements, { schema, migrations: table }: Tables): Promise<number> {
  // Read from the catalog's tables: the names that a connection knows may be those from before it waited for the lock.
  const there = await statements.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1::text AND c.relname = 'pipit_migrations'`,
    [schema],
  );
  if (there.length === 0) return 0;
  const [found] = await statements.query<{ readonly version: number }>(
    `SELECT coalesce(max(version), 0)::integer AS version FROM ${table}`,
  );
  return found?.version ?? 0;
}

async function createMigrations(
  statements: Statements,
  { schema, migrations: table }: Tables,
): Promise<void> {
  const there = await statements.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1::text', [
    schema,
  ]);
  // Asking for what is there already takes a right that the user may not have.
  if (there.length === 0) await statements.query(`CREATE SCHEMA ${quoted(schema)}`);
  await statements.query(`CREATE TABLE ${table} (
    version integer PRIMARY KEY,
    migrated_at timestamptz NOT NULL DEFAULT now()
  )`);
}
