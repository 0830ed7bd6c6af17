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

/** Fields of a row and what they must be: those of scalars, which every database compares alike. All have to hold. */
export type Where<Row> = {
  readonly [Field in keyof Row as Row[Field] extends Scalar ? Field : never]?: Condition<Row[Field]>;
};

export interface PageQuery<Row> {
  readonly where?: Where<Row>;
  /** A field of texts or numbers to sort by; rows that have the same are sorted by their keys. Default: by keys. */
  readonly orderBy?: keyof Where<Row> & string;
  /** Default: `ascending`. Rows without the field come last either way. */
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
 * @throws RowMismatchError for a row that does not fit the schema; RepositoryError where the database does not answer
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
 * Where rows are kept by key, in as many versions as there are. Keys are any texts of 1 to 512 bytes in UTF-8.
 *
 * Implementations: `projection/memory`, `projection/kv`, `projection/postgres`; all run `testRepository` of
 * `projection/testing`.
 */
export interface Repository<Row> extends ReadRepository<Row> {
  /** The view's name, where rows of several lie together. */
  readonly name: string;
  /** Saves a row of the active version in place of the one with this key. For rows that no projection writes. */
  save(key: string, row: Row): Promise<void>;
  /** As one, where the repository has transactions. */
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
   * @throws ShardsMismatchError where it was made with another number of shards
   */
  open(version: number, options: { readonly shards: number }): Promise<VersionRows<Row>>;
  /** Makes it the one that is read, in one step. Does nothing for one that is. @throws UnknownVersionError */
  activate(version: number): Promise<void>;
  /** Deletes its rows and checkpoints. Does nothing where there is none. @throws VersionActiveError */
  drop(version: number): Promise<void>;
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
   * @param owner names the process, for people
   * @returns nothing where another owns it
   */
  claim(shard: number, owner: string, lease: number): Promise<OwnedShard<Row> | undefined>;
  /** Up to where its rows show the log. */
  checkpoint(shard: number): Promise<number>;
}

/** A part of the rows that one process writes. */
export interface OwnedShard<Row> {
  /** When it was claimed. */
  readonly checkpoint: number;
  /** The rows of these keys, also those that are no more. */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, StoredRow<Row>>>;
  /**
   * Writes rows and then the checkpoint: all in one transaction where the repository has them. Where not, every row is
   * written on the condition that it is still the loaded one, and says which event it shows, so that an attempt that
   * broke off half way is made good by the next one from the same checkpoint.
   *
   * @throws StaleOwnerError where another has claimed the shard, and nothing more is written
   */
  write(changes: readonly RowChange<Row>[], checkpoint: number): Promise<void>;
  /** Goes on being the owner. @throws StaleOwnerError */
  renew(lease: number): Promise<void>;
  /** Lets another claim it at once. Does nothing where another has. */
  release(): Promise<void>;
}

export interface StoredRow<Row> {
  /** `undefined`: it was deleted. */
  readonly row: Row | undefined;
  /** Of the event that it shows. Earlier events change it no more. */
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
