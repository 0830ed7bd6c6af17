import type { OwnedShard, RowChange, StoredRow } from '../repository.ts';
import { checkKey } from '../rows/check-key.ts';
import type { RowGuard } from '../rows/row-guard.ts';
import { StaleOwnerError } from '../version-errors.ts';
import type { MemoryVersion, ShardState } from './memory-version.ts';

/** A shard as its owner sees it. Who claims it puts another object in `state.claim`, which is what makes this one stale. */
export function ownShard<Row>(
  view: string,
  version: MemoryVersion<Row>,
  state: ShardState,
  owner: string,
  guard: RowGuard<Row>,
): OwnedShard<Row> {
  const { claim } = state;
  const isOwner = () => state.claim === claim && claim !== undefined;

  function requireOwner(): void {
    if (!isOwner()) throw new StaleOwnerError(view, version.number, state.shard, owner);
  }

  return {
    checkpoint: state.checkpoint,
    isAtHand: true,
    async load(keys) {
      const found = new Map<string, StoredRow<Row>>();
      for (const key of keys) {
        const kept = version.get(key);
        if (kept === undefined) continue;
        const row = guard.out(version.number, key, kept.row);
        found.set(key, row === kept.row ? kept : { ...kept, row });
      }
      return found;
    },
    async write(changes, checkpoint) {
      const checked = changes.map(guarded);
      requireOwner();
      if (checkpoint <= state.checkpoint) return undefined;
      changes.forEach(({ key, position, createdAt, updatedAt }, index) => {
        const row = checked[index];
        if (row === undefined) version.delete(key);
        else version.set(key, { row, position, createdAt, updatedAt, revision: undefined });
      });
      state.checkpoint = checkpoint;
      return undefined;
    },
    async renew(lease) {
      requireOwner();
      state.leasedUntil = performance.now() + lease;
    },
    async release() {
      if (isOwner()) state.claim = undefined;
    },
  };

  function guarded({ key, row }: RowChange<Row>): Row | undefined {
    checkKey(view, key);
    return row === undefined ? undefined : guard.in(version.number, key, row);
  }
}
