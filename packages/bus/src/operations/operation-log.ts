import type { OperationKind } from '../operations.ts';

/** One record on its way into the log. Its key says what it is of, so that writing it again changes nothing. */
export interface NewRecord {
  /** The id of the outermost operation, whose chain it belongs to. */
  readonly chain: string;
  /** Subject tokens; unique in the chain. */
  readonly key: string;
  /** CloudEvents' `type`. */
  readonly type: string;
  readonly time: Date;
  readonly causationId?: string | undefined;
  /** JSON. */
  readonly body: Uint8Array;
}

export interface StoredRecord {
  readonly key: string;
  readonly body: Uint8Array;
}

/** Where one record lies. */
export interface RecordPlace {
  readonly chain: string;
  readonly key: string;
}

export interface RunQuery {
  readonly kind?: OperationKind;
  readonly name?: string;
  /** Hints: what was written outside of them may be left out, with some room for clocks that differ. */
  readonly from?: Date;
  readonly to?: Date;
}

/** Where records of operations are kept, under the subjects `<chain>.<key>`. */
export interface OperationLog {
  readonly store: string;
  /** Where it is kept, for errors. */
  readonly place: string;
  /** The largest body it takes, as far as is known now. */
  maxBytes(): number;
  /**
   * Stores the record, in place of one with the same key. Fails after `timeout` milliseconds; it may have been stored
   * then. A PipitError says that trying again does not help.
   */
  write(record: NewRecord, timeout: number): Promise<void>;
  /** The records of a chain in the order they were written, in pages. @throws OperationsReadError */
  read(chain: string): AsyncIterable<readonly StoredRecord[]>;
  /** The starts and ends of operations, last written first, in pages. @throws OperationsReadError */
  runs(query: RunQuery): AsyncIterable<readonly StoredRecord[]>;
  /** Those of the records that exist, in any order. @throws OperationsReadError */
  find(places: readonly RecordPlace[]): Promise<readonly StoredRecord[]>;
}
