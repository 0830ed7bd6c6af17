import type { ZodType } from 'zod';
import type { Page, Repository } from '../repository.ts';
import { InvalidRepositoryError } from '../repository-errors.ts';
import { isKey } from '../rows/check-key.ts';
import { rowGuard } from '../rows/row-guard.ts';
import type { Database, Statements } from './database.ts';
import { type PostgresView, postgresView } from './postgres-view.ts';
import { readRows } from './read-rows.ts';
import { saveAll, saveBatches } from './save-rows.ts';
import { type SearchOptions, searchRows } from './search-rows.ts';
import { postgresVersions } from './versions.ts';

export interface PostgresRepositoryOptions<Row> {
  /** `pgDatabase(pool)` or `pgliteDatabase(pglite)`. */
  readonly db: Database;
  /** Of the view: 1 to 512 bytes. Rows of several views lie in the same tables. */
  readonly name: string;
  /** What every row has to fit, when it is written and when it is read. What it returns, it has to take as well. */
  readonly row: ZodType<Row>;
  /** Where Pipit's tables are, all of which begin with `pipit_`. Default: `public`. Made where there is none. */
  readonly schema?: string;
}

export interface SearchedRepositoryOptions<Row> extends PostgresRepositoryOptions<Row> {
  /**
   * Fields whose words can be searched: texts, and lists of texts. Where rows were searched by other fields before, their
   * words are gathered anew at the first use, and writers wait meanwhile.
   */
  readonly search: readonly (keyof Row & string)[];
}

/** What can be done in a transaction: with the rows of the view, and with tables of one's own by `query`. */
export interface RowTransaction<Row>
  extends Statements,
    Pick<Repository<Row>, 'get' | 'save' | 'saveMany' | 'delete'> {}

export interface PostgresRepository<Row> extends Repository<Row> {
  /**
   * Commits what the work has done as one, and rolls back where it rejects. Statements run one after the other. What
   * the work throws is thrown as it is.
   *
   * @throws RepositoryError where the database fails; for `unreachable` it may have been committed
   */
  withTransaction<Result>(work: (transaction: RowTransaction<Row>) => Promise<Result>): Promise<Result>;
}

export interface SearchedRepository<Row> extends PostgresRepository<Row> {
  /**
   * The rows of the active version that have all these words, those that fit best first. Words are those of no language
   * in particular: in upper or lower case, without inflection. `"exact words"`, `or` and `-without` work as in search
   * engines; whatever is typed is a search. Of each row the first 100,000 characters are searched. Which letters there
   * are, and in which case, is told by the locale of the database: under `C` those of ASCII only.
   *
   * @throws InvalidQueryError
   */
  search(words: string, options?: SearchOptions): Promise<Page<Row>>;
}

/**
 * Rows in PostgreSQL, 14 or newer, as jsonb in tables of Pipit's own. They are made and migrated at the first use; where
 * several processes do so at once, one does. Rows and checkpoint of a shard are written in one transaction, and a write
 * of up to 5,000 rows or 8 MB is one round trip. `find` by other fields than the key reads all rows of the view.
 *
 * @throws InvalidRepositoryError; from every call NewerTablesError where a newer Pipit made the tables
 */
export function postgresRepository<Row>(options: SearchedRepositoryOptions<Row>): SearchedRepository<Row>;
export function postgresRepository<Row>(options: PostgresRepositoryOptions<Row>): PostgresRepository<Row>;
export function postgresRepository<Row>(
  options: PostgresRepositoryOptions<Row> & { readonly search?: readonly string[] },
): SearchedRepository<Row> {
  const { db, name, row, schema = 'public', search } = options;
  if (!isKey(name))
    throw new InvalidRepositoryError(name, 'its name is no text of 1 to 512 bytes without NUL');
  if (!isKey(schema) || Buffer.byteLength(schema) > 63) {
    throw new InvalidRepositoryError(name, 'its schema is no text of 1 to 63 bytes without NUL');
  }
  const view = postgresView({ database: db, name, schema, search, guard: rowGuard(name, row) });
  const { query, transaction } = view;

  return {
    name,
    versions: postgresVersions(view),
    ...readRows(view, { query }),
    ...savedIn(view, transaction),
    search: (words, asked = {}) => searchRows(view, words, asked),
    withTransaction: (work) =>
      transaction((statements) =>
        work({
          query: statements.query,
          get: readRows(view, statements).get,
          ...savedIn(view, (each) => each(statements)),
        }),
      ),
  };
}

function savedIn<Row>(
  view: PostgresView<Row>,
  within: <Result>(work: (statements: Statements) => Promise<Result>) => Promise<Result>,
): Pick<Repository<Row>, 'save' | 'saveMany' | 'delete'> {
  const { name, tables } = view;
  return {
    async save(key, row) {
      const batches = saveBatches(view, [[key, row]]);
      await within((statements) => saveAll(view, statements, batches));
    },
    async saveMany(rows) {
      const batches = saveBatches(view, rows);
      await within((statements) => saveAll(view, statements, batches));
    },
    async delete(key) {
      if (!isKey(key)) return;
      await within((statements) =>
        statements.query(
          `DELETE FROM ${tables.rows} WHERE view = $1::text AND key = $2::text
            AND version = (SELECT active FROM ${tables.views} WHERE view = $1::text)`,
          [name, key],
        ),
      );
    },
  };
}
