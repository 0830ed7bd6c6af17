import { type PayloadIssue, PipitError } from '@pipit/types-registry';

const shown = (value: unknown) => JSON.stringify(value);

/**
 * A row that does not fit: one that is read and was written under another schema, or one that is to be written and would
 * not come back as it is. `issues` says where and why.
 */
export class RowMismatchError extends PipitError {
  readonly code = 'ROW_MISMATCH';
  readonly view: string;
  /** `undefined`: the active one. */
  readonly version: number | undefined;
  readonly key: string;
  readonly issues: readonly PayloadIssue[];

  constructor(facts: {
    readonly view: string;
    readonly version: number | undefined;
    readonly key: string;
    readonly issues: readonly PayloadIssue[];
    readonly phase: 'read' | 'write';
    readonly cause?: unknown;
  }) {
    const { view, version, key, issues, phase, cause } = facts;
    const list = issues.map(
      ({ path, message }) => `${path.length === 0 ? '(row)' : path.join('.')}: ${message}`,
    );
    const place = `Row ${shown(key)} of view ${view}${version === undefined ? '' : `, version ${version},`}`;
    super(
      phase === 'read'
        ? `${place} does not fit its schema: ${list.join('; ')}. Raise the version of the projection to build its rows anew.`
        : `${place} cannot be kept, and nothing was written: ${list.join('; ')}. Correct what makes the row.`,
      { cause },
    );
    this.view = view;
    this.version = version;
    this.key = key;
    this.issues = issues;
  }
}

/** A text that cannot be a key. Nothing was written. */
export class InvalidKeyError extends PipitError {
  readonly code = 'INVALID_KEY';
  readonly view: string;
  readonly key: unknown;

  constructor(view: string, key: unknown, reason: string) {
    const text = typeof key === 'string' && key.length > 80 ? `${key.slice(0, 80)}…` : key;
    super(
      `${typeof key === 'string' ? shown(text) : String(text)} cannot be a key of view ${view}: ${reason}. ` +
        'Keys are well-formed texts without NUL, of 1 to 512 bytes in UTF-8.',
    );
    this.view = view;
    this.key = key;
  }
}

/** A repository cannot be made like this. */
export class InvalidRepositoryError extends PipitError {
  readonly code = 'INVALID_REPOSITORY';
  readonly view: unknown;

  constructor(view: unknown, reason: string) {
    super(
      `The repository ${typeof view === 'string' ? shown(view) : String(view)} cannot be made: ${reason}.`,
    );
    this.view = view;
  }
}

/** Rows cannot be asked for like this. */
export class InvalidQueryError extends PipitError {
  readonly code = 'INVALID_QUERY';
  readonly view: string;
  /** What of the query is wrong: `where.age`, `limit`, `after` … */
  readonly part: string;

  constructor(view: string, part: string, reason: string) {
    super(`View ${view} cannot be asked: ${part} ${reason}.`);
    this.view = view;
    this.part = part;
  }
}

/**
 * - `unreachable`: there is no connection, or it broke. It may pass. A write may have happened all the same.
 * - `busy`: the database gave up over others' work: a deadlock, a timeout. It may pass.
 * - `full`: no disk, memory or connection is left. It may pass.
 * - `forbidden`: the database does not let this user in, or do this.
 * - `failed`: anything else; `cause` is the database's own error.
 */
export type RepositoryErrorReason = 'unreachable' | 'busy' | 'full' | 'forbidden' | 'failed';

const whatToDo: Record<RepositoryErrorReason, string> = {
  unreachable: 'Nobody can tell whether a write that was under way has happened. Try again.',
  busy: 'Nothing was written. Try again.',
  full: 'Nothing was written. Make room, or raise the limit, and try again.',
  forbidden: 'Nothing was written. Give the user of the database what it needs.',
  failed: 'Nothing was written.',
};

/** The database did not do what it was asked for. */
export class RepositoryError extends PipitError {
  readonly code = 'REPOSITORY';
  /** `undefined` for what concerns no view, such as migrations. */
  readonly view: string | undefined;
  readonly reason: RepositoryErrorReason;
  /** Whether it may go well when it is tried again later. */
  readonly passing: boolean;

  constructor(view: string | undefined, reason: RepositoryErrorReason, cause: unknown) {
    const said = saidBy(cause).replace(/[.\s]+$/, '');
    const subject = view === undefined ? 'The database of views' : `The database of view ${view}`;
    super(`${subject} failed (${reason}): ${said}. ${whatToDo[reason]}`, { cause });
    this.view = view;
    this.reason = reason;
    this.passing = reason === 'unreachable' || reason === 'busy' || reason === 'full';
  }
}

/** A name with several addresses fails with an error for each, and no message of its own. */
function saidBy(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(saidBy).join(', ');
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** Tables in the database were made by a newer Pipit, which may keep in them what this one does not know of. */
export class NewerTablesError extends PipitError {
  readonly code = 'NEWER_TABLES';
  readonly schema: string;
  readonly found: number;
  readonly known: number;

  constructor(schema: string, found: number, known: number) {
    super(
      `The tables of schema ${schema} have version ${found}, made by a newer Pipit; this one knows up to ${known}. ` +
        'Nothing was changed. Upgrade @pipit/projection here, or use another schema.',
    );
    this.schema = schema;
    this.found = found;
    this.known = known;
  }
}
