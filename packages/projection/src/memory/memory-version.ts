import { compareTexts } from '../query/compare-texts.ts';
import type { KeyedRow } from '../query/query-rows.ts';
import type { StoredRow } from '../repository.ts';

export interface KeptRow<Row> extends StoredRow<Row> {
  readonly row: Row;
}

export interface ShardState {
  readonly shard: number;
  checkpoint: number;
  /** Identifies who owns it; `undefined` where nobody does. */
  claim: object | undefined;
  /** By the clock of the process that only goes forward. */
  leasedUntil: number;
}

/** The rows of one version of a view, and how far each shard of it is. */
export interface MemoryVersion<Row> {
  readonly number: number;
  readonly shards: readonly ShardState[];
  /** What it is built from; `undefined` until somebody says it. */
  source: string | undefined;
  /** Until when each process attends, by the clock of the process that only goes forward. */
  readonly attending: Map<string, number>;
  get(key: string): KeptRow<Row> | undefined;
  set(key: string, kept: KeptRow<Row>): void;
  delete(key: string): void;
  /** In the order of keys. */
  rows(): Iterable<KeyedRow<Row>>;
}

export function memoryVersion<Row>(number: number, shards: number): MemoryVersion<Row> {
  const kept = new Map<string, KeptRow<Row>>();
  /** Sorting is what takes long in a search, and keys come and go less often than rows change. */
  let sorted: readonly string[] | undefined;

  return {
    number,
    shards: Array.from({ length: shards }, (_, shard) => ({
      shard,
      checkpoint: 0,
      claim: undefined,
      leasedUntil: 0,
    })),
    source: undefined,
    attending: new Map(),
    get: (key) => kept.get(key),
    set(key, row) {
      const rows = kept.size;
      kept.set(key, row);
      if (kept.size > rows) sorted = undefined;
    },
    delete(key) {
      if (kept.delete(key)) sorted = undefined;
    },
    *rows() {
      sorted ??= [...kept.keys()].sort(compareTexts);
      for (const key of sorted) {
        const found = kept.get(key);
        if (found !== undefined) yield [key, found.row];
      }
    },
  };
}
