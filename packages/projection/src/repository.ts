type Scalar = string | number | bigint | boolean | null | undefined;

/** Fields of a row and the values they must have: those of scalars, which every database compares alike. */
export type Where<Row> = {
  readonly [Field in keyof Row as Row[Field] extends Scalar ? Field : never]?: Row[Field];
};

/** Rows that can be read. */
export interface ReadRepository<Row> {
  get(key: string): Promise<Row | undefined>;
  /** All rows whose fields have these values; without `where`, all. In the order in which their keys were first saved. */
  find(where?: Where<Row>): Promise<readonly Row[]>;
}

/**
 * Where a projection keeps its rows, by key. Keys are any strings. A row that was handed out does not change when a
 * later one is saved, and must not be changed by who got it. Implementation: `projection/memory`.
 */
export interface Repository<Row> extends ReadRepository<Row> {
  /** Saves a row in place of the one with this key. */
  save(key: string, row: Row): Promise<void>;
  /** Does nothing where there is no such row. */
  delete(key: string): Promise<void>;
  /** Deletes all rows: a projection without a kept checkpoint begins with it. */
  clear(): Promise<void>;
}
