import type { SnapshotKey, SnapshotStore } from '../state/snapshot-store.ts';

/** Snapshots that live and die with their process. */
export function memorySnapshots(): SnapshotStore {
  const kept = new Map<string, Uint8Array>();
  return {
    load: async (key) => kept.get(keyOf(key)),
    async save(key, bytes) {
      kept.set(keyOf(key), bytes.slice());
    },
  };
}

function keyOf({ aggregate, version }: SnapshotKey): string {
  return JSON.stringify([aggregate.type, aggregate.id, version]);
}
