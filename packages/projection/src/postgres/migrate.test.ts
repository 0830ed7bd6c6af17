import { beforeEach, describe, expect, it } from 'vitest';
import { NewerTablesError } from '../repository-errors.ts';
import { bothDatabases } from './both-databases.fixture.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { tablesIn } from './tables.ts';

describe.each(bothDatabases())('the tables in %s', (_, database) => {
  const known = migrations(tablesIn('any')).length;
  let schemas = 0;
  let tables = tablesIn('');

  beforeEach(() => {
    schemas += 1;
    tables = tablesIn(`a "schema" ${schemas}; --`);
  });

  const madeVersions = async () =>
    (await database().query<{ version: number }>(`SELECT version FROM ${tables.migrations} ORDER BY 1`)).map(
      ({ version }) => version,
    );

  it('are made once, by however many processes that start at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      tables = tablesIn(`round ${round}`);
      await Promise.all(Array.from({ length: 8 }, () => migrate(database(), tables)));
      await migrate(database(), tables);
      expect(await madeVersions()).toEqual(Array.from({ length: known }, (_, index) => index + 1));
    }
  });

  it('all begin with pipit_, and there are no others', async () => {
    await migrate(database(), tables);
    const found = await database().query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1`,
      [tables.schema],
    );
    expect(found.length).toBeGreaterThan(4);
    for (const table of found) expect(table.name).toMatch(/^pipit_/);
  });

  it('are refused where a newer Pipit made them, and stay as they are', async () => {
    await migrate(database(), tables);
    await database().query(`INSERT INTO ${tables.migrations} (version) VALUES (99)`);
    const refused = await migrate(database(), tables).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NewerTablesError);
    expect(refused).toMatchObject({ schema: tables.schema, found: 99, known });
    expect(await madeVersions()).toContain(99);
  });
});
