import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotKey, SnapshotStore } from '../state/snapshot-store.ts';

export interface OpenedSnapshotStore {
  readonly store: SnapshotStore;
  /** Another one on the same snapshots, as another process would open it. */
  another(): Promise<SnapshotStore>;
  readonly release?: () => Promise<void>;
}

/** What every place for snapshots promises. `open` gives a new, empty one each time. Runs under vitest. */
export function testSnapshotStore(implementation: string, open: () => Promise<OpenedSnapshotStore>): void {
  describe(`${implementation} keeps the promises of a place for snapshots`, () => {
    let opened: OpenedSnapshotStore;
    const key: SnapshotKey = { aggregate: { type: 'account', id: 'a' }, version: 1 };
    const bytes = (text: string) => new TextEncoder().encode(text);
    const load = async (store: SnapshotStore, wanted: SnapshotKey) => {
      const found = await store.load(wanted);
      return found === undefined ? undefined : new TextDecoder().decode(found);
    };

    beforeEach(async () => {
      opened = await open();
    });

    afterEach(async () => {
      await opened.release?.();
    });

    it('has nothing at first', async () => {
      expect(await opened.store.load(key)).toBeUndefined();
    });

    it('gives back what was saved last, also to others', async () => {
      await opened.store.save(key, bytes('one'));
      await opened.store.save(key, bytes('two'));
      expect(await load(opened.store, key)).toBe('two');
      expect(await load(await opened.another(), key)).toBe('two');
    });

    it('keeps aggregates and versions apart, whatever their names', async () => {
      const keys = ['a', 'a.b', '🐦', '*', '>', 'a b', '__proto__'].flatMap((id) =>
        [1, 2].map((version): SnapshotKey => ({ aggregate: { type: 'odd type', id }, version })),
      );
      for (const [index, one] of keys.entries()) await opened.store.save(one, bytes(String(index)));
      for (const [index, one] of keys.entries()) expect(await load(opened.store, one)).toBe(String(index));
      expect(await opened.store.load(key)).toBeUndefined();
    });

    it('does not notice what happens to the bytes afterwards', async () => {
      const mine = bytes('mine');
      await opened.store.save(key, mine);
      mine.fill(0);
      expect(await load(opened.store, key)).toBe('mine');
    });
  });
}
