type Scalar = string | number | boolean | null | undefined;

/** What a field may be compared with. Ranges are of numbers, and of texts by their UTF-8 bytes. */
export type Condition<Value> =
  | Value
  | { readonly in: readonly Value[] }
  | (Value extends string | number ? Range<Value> : never);

export interface Range<Value> {
  readonly atLeast?: Value;
  readonly above?: Value;
  readonly atMost?: Value;
  readonly below?: Value;
}

/**
 * Fields of a row and what they must be: those of scalars, which every database compares alike. All have to hold. `null`,
 * `undefined` and a missing field are the same, in rows and in conditions.
 */
export type Where<Row> = {
  readonly [Field in FieldOf<Row, Scalar>]?: Condition<Row[Field]>;
};

type FieldOf<Row, Value> = {
  [Field in keyof Row & string]-?: Row[Field] extends Value ? Field : never;
}[keyof Row & string];

/** Fields that rows can be sorted by: those of texts or numbers. */
export type SortField<Row> = FieldOf<Row, string | number | null | undefined>;

export interface PageQuery<Row> {
  readonly where?: Where<Row>;
  /** Rows that have the same are sorted by their keys. Default: by keys. */
  readonly orderBy?: SortField<Row>;
  /** Default: `ascending`, texts by their UTF-8 bytes. Rows without the field come last either way. */
  readonly direction?: 'ascending' | 'descending';
  /** Rows at most, from 1 to 1,000. Default: 100. */
  readonly limit?: number;
  /** The `next` of the page before, asked for with the same query. */
  readonly after?: string;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; `undefined` on the last. */
  readonly next: string | undefined;
}

/**
 * Rows that can be read: those of the active version of a view. A row that was handed out does not change when a later
 * one is saved, and must not be changed by who got it.
 *
 * @throws RowMismatchError for a row that does not fit the schema; InvalidQueryError; RepositoryError where the database
 * does not do it
 */
export interface ReadRepository<Row> {
  get(key: string): Promise<Row | undefined>;
  /** Those there are. */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, Row>>;
  /** All rows that fit, sorted by their keys. */
  find(where?: Where<Row>): Promise<readonly Row[]>;
  page(query?: PageQuery<Row>): Promise<Page<Row>>;
}

/**
 * Where rows are kept by key, in as many versions as there are. Keys are any texts of 1 to 512 bytes in UTF-8, without
 * NUL. Rows are JSON: a field that is `undefined` counts as absent and `-0` as `0`; what JSON would change otherwise
 * (`NaN`, dates, bigints, instances of classes, texts with NUL) is refused with a RowMismatchError, and so is a row that its
 * schema would change: by a default, a transformation, or a field it does not know.
 *
 * Implementations: `projection/memory`, `projection/kv`, `projection/postgres`; all run `testRepository` of
 * `projection/testing`.
 */
export interface Repository<Row> extends ReadRepository<Row> {
  /** The view's name, where rows of several lie together. */
  readonly name: string;
  /**
   * Saves a row of the active version in place of the one with this key. For rows that no projection writes: where there
   * is no version yet, this makes version 1, of one shard.
   *
   * @throws RowMismatchError; InvalidKeyError
   */
  save(key: string, row: Row): Promise<void>;
  /** As one, where the repository has transactions. Of several rows with one key the last is saved. */
  saveMany(rows: Iterable<readonly [key: string, row: Row]>): Promise<void>;
  /** Does nothing where there is no such row. */
  delete(key: string): Promise<void>;
  readonly versions: ViewVersions<Row>;
}

/** The versions of a view: one is active, which is the one that is read; others are being built, or were. */
export interface ViewVersions<Row> {
  list(): Promise<readonly ViewVersion[]>;
  /**
   * Opens the rows of a version for those who build it, and makes it where there is none. The first version of a view is
   * active at once; a later one when it is told to be.
   *
   * @throws ShardsMismatchError where it was made with another number of shards; SourceMismatchError where it is built
   * from something else
   */
  open(version: number, options: OpenOptions): Promise<VersionRows<Row>>;
  /**
   * Makes it the one that is read, in one step. Does nothing for one that is.
   *
   * @param options.insteadOf only where this one is read until then; does nothing where another is
   * @throws UnknownVersionError
   */
  activate(version: number, options?: { readonly insteadOf?: number }): Promise<void>;
  /** Deletes its rows and checkpoints. Does nothing where there is none. @throws VersionActiveError */
  drop(version: number): Promise<void>;
}

export interface OpenOptions {
  readonly shards: number;
  /**
   * What its rows are built from: positions mean nothing in another log. The first who opens a version with it says it for
   * all who come after. Default: nothing is said or asked.
   */
  readonly source?: string;
}

export interface ViewVersion {
  readonly version: number;
  readonly active: boolean;
  /** Of each shard: up to where its rows show the log. */
  readonly checkpoints: readonly number[];
}

/** The rows of one version, as those who build it see them. */
export interface VersionRows<Row> {
  /**
   * Becomes the owner of a shard for so many milliseconds, unless another is. Whoever owned it before can write no more.
   *
   * @param owner names the process, for people: a process that asks again under the same name is another
   * @param lease by the clock of where the rows are, not of this process
   * @returns nothing where another owns it
   * @throws UnknownVersionError where the version has been dropped
   */
  claim(shard: number, owner: string, lease: number): Promise<OwnedShard<Row> | undefined>;
  /** Up to where its rows show the log. */
  checkpoint(shard: number): Promise<number>;
  /**
   * Says that a process would own shards, for so many milliseconds by the clock of where the rows are; 0 takes it back.
   * Owners share shards by it: a claim does not ask for it.
   *
   * @param owner unlike in a claim, the same process under the same name
   * @returns how many processes there are
   * @throws UnknownVersionError
   */
  attend(owner: string, lease: number): Promise<number>;
}

/** A part of the rows that one process writes. */
export interface OwnedShard<Row> {
  /** When it was claimed. */
  readonly checkpoint: number;
  /** Whether loading costs next to nothing, so that nobody keeps rows that were loaded. Default: `false`. */
  readonly isAtHand?: boolean;
  /** The rows of these keys. Those that are no more may be among them. */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, StoredRow<Row>>>;
  /**
   * Writes rows and then the checkpoint: all in one transaction where the repository has them. Where not, every row is
   * written on the condition that it is still the loaded one, and says which event it shows, so that an attempt that
   * broke off half way is made good by the next one from the same checkpoint. A write up to where the shard already is
   * changes nothing, so that one whose answer was lost can be repeated.
   *
   * @returns the `revision` of each changed row from now on, where the repository has any. After a write that failed,
   * rows have to be loaded again
   * @throws StaleOwnerError where another has claimed the shard, and nothing more is written
   */
  write(changes: readonly RowChange<Row>[], checkpoint: number): Promise<readonly unknown[] | undefined>;
  /** Goes on being the owner. @throws StaleOwnerError */
  renew(lease: number): Promise<void>;
  /** Lets another claim it at once. Does nothing where another has. */
  release(): Promise<void>;
}

export interface StoredRow<Row> {
  /** `undefined`: it was deleted. */
  readonly row: Row | undefined;
  /** Of the event that it shows; 0 where it was saved by hand. Earlier events change it no more. */
  readonly position: number;
  /** The time of the event that made it, and of the last that changed it. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** What the repository knows it by. */
  readonly revision: unknown;
}

export interface RowChange<Row> {
  readonly key: string;
  /** `undefined`: none any more. */
  readonly row: Row | undefined;
  readonly position: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** As it was loaded; `undefined` where there was none. */
  readonly before: StoredRow<Row> | undefined;
}
