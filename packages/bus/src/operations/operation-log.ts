import type { OperationKind } from '../operations.ts';

/** One record on its way into the log. */
export interface NewRecord {
  /** Of the record: writing it again changes nothing that is read. */
  readonly id: string;
  /** Subject tokens: `<chain>.…` in a chain, `index.<kind>.<name>` in the index. */
  readonly place: string;
  /** The id of the outermost operation, to whose chain it belongs. */
  readonly chain: string;
  /** CloudEvents' `type`. */
  readonly type: string;
  readonly time: Date;
  readonly causationId?: string | undefined;
  /** JSON. */
  readonly body: Uint8Array;
}

export interface StoredRecord {
  readonly place: string;
  readonly body: Uint8Array;
}

export interface IndexQuery {
  readonly kind?: OperationKind;
  readonly name?: string;
  /** Hints: what started outside of them may be left out, with some room for clocks that differ. */
  readonly from?: Date;
  readonly to?: Date;
}

/** Where records of operations are kept. */
export interface OperationLog {
  readonly store: string;
  /** Where that is, for errors. */
  readonly place: string;
  /** The largest body it takes, as far as is known now. */
  maxBytes(): number;
  /**
   * Stores the record. Fails after `timeout` milliseconds; it may have been stored then. A PipitError says that trying
   * again does not help.
   */
  write(record: NewRecord, timeout: number): Promise<void>;
  /** The records of a chain in the order they were written, in pages. @throws OperationsReadError */
  read(chain: string): AsyncIterable<readonly StoredRecord[]>;
  /** Records of the index, last written first, in pages; one may be there twice. @throws OperationsReadError */
  index(query: IndexQuery): AsyncIterable<readonly StoredRecord[]>;
  /** Of each place that has one the last record, in any order. @throws OperationsReadError */
  find(places: readonly string[]): Promise<readonly StoredRecord[]>;
}
