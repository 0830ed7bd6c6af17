import { PipitError } from '@pipit/types-registry';

/** A view has no such version. */
export class UnknownVersionError extends PipitError {
  readonly code = 'UNKNOWN_VERSION';
  readonly view: string;
  readonly version: number;

  constructor(view: string, version: number) {
    super(`View ${view} has no version ${version}. Open it first, or list the versions there are.`);
    this.view = view;
    this.version = version;
  }
}

/** The version is the one that is read, so it is not dropped. */
export class VersionActiveError extends PipitError {
  readonly code = 'VERSION_ACTIVE';
  readonly view: string;
  readonly version: number;

  constructor(view: string, version: number) {
    super(`Version ${version} of view ${view} is the one that is read. Activate another before you drop it.`);
    this.view = view;
    this.version = version;
  }
}

/** A version was made with another number of shards. Which rows are whose cannot change afterwards. */
export class ShardsMismatchError extends PipitError {
  readonly code = 'SHARDS_MISMATCH';
  readonly view: string;
  readonly version: number;
  readonly expected: number;
  readonly actual: number;

  constructor(view: string, version: number, expected: number, actual: number) {
    super(
      `Version ${version} of view ${view} was made with ${actual} shards, not ${expected}. ` +
        `Use ${actual}, or raise the version to build the rows anew.`,
    );
    this.view = view;
    this.version = version;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A version is built from something else: its checkpoints are positions of another log, or its rows another projection's. */
export class SourceMismatchError extends PipitError {
  readonly code = 'SOURCE_MISMATCH';
  readonly view: string;
  readonly version: number;
  readonly expected: string;
  readonly actual: string;

  constructor(view: string, version: number, expected: string, actual: string) {
    super(
      `Version ${version} of view ${view} is built from ${actual}, not from ${expected}. ` +
        'Give each its own repository, or raise the version to build the rows anew.',
    );
    this.view = view;
    this.version = version;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Another process has claimed the shard since, or its version was dropped. Nothing was written. */
export class StaleOwnerError extends PipitError {
  readonly code = 'STALE_OWNER';
  readonly view: string;
  readonly version: number;
  readonly shard: number;
  readonly owner: string;

  constructor(view: string, version: number, shard: number, owner: string) {
    super(
      `${owner} owns shard ${shard} of view ${view}, version ${version}, no more: another has claimed it, the ` +
        'version was dropped, or the database has lost what it wrote. Nothing was written. Claim it again before you go on.',
    );
    this.view = view;
    this.version = version;
    this.shard = shard;
    this.owner = owner;
  }
}

/** A version of a view cannot be opened like this. */
export class InvalidVersionError extends PipitError {
  readonly code = 'INVALID_VERSION';
  readonly view: string;

  constructor(view: string, reason: string) {
    super(`A version of view ${view} cannot be opened: ${reason}.`);
    this.view = view;
  }
}
