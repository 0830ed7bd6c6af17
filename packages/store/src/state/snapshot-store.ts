import type { AggregateRef } from '@pipit/types-registry';

/**
 * Where snapshots of aggregates are kept: a cache, which may lose and forget whatever it likes. Implementations:
 * `store/jetstream` (a key-value bucket), `store/memory`; both run `testSnapshotStore` of `store/testing`.
 */
export interface SnapshotStore {
  /** What was last saved under the key, or something older; `undefined` where there is nothing. */
  load(key: SnapshotKey): Promise<Uint8Array | undefined>;
  /** Replaces what is there. Of two that save at once either may win. */
  save(key: SnapshotKey, bytes: Uint8Array): Promise<void>;
}

export interface SnapshotKey {
  readonly aggregate: AggregateRef;
  /** The version of `evolve` that made the state. */
  readonly version: number;
}
