import { beforeEach, describe, expect, it } from 'vitest';
import type { OwnedShard, VersionRows } from '../repository.ts';
import { InvalidKeyError, RowMismatchError } from '../repository-errors.ts';
import { StaleOwnerError, UnknownVersionError } from '../version-errors.ts';
import { change, claimed, timeOf, writeLoaded } from './contract-changes.ts';
import type { ContractRow, OpenedRepository } from './contract-row.ts';

export function ownerContract(opened: () => OpenedRepository): void {
  const rows = () => opened().repository;
  let version: VersionRows<ContractRow>;
  let elsewhere: VersionRows<ContractRow>;

  /** Waits for a lease to run out, by the clock of where the rows are. */
  async function takeOver(shard: number): Promise<OwnedShard<ContractRow>> {
    let owned: OwnedShard<ContractRow> | undefined;
    await expect
      .poll(async () => {
        owned = await elsewhere.claim(shard, 'other', 60_000);
        return owned !== undefined;
      })
      .toBe(true);
    return owned as OwnedShard<ContractRow>;
  }

  describe('a shard', () => {
    beforeEach(async () => {
      version = await rows().versions.open(1, { shards: 2 });
      elsewhere = await (await opened().another()).versions.open(1, { shards: 2 });
    });

    it('has one owner at a time, of however many ask at once', async () => {
      const asked = await Promise.all(
        Array.from({ length: 8 }, (_, at) => (at % 2 ? version : elsewhere).claim(0, `owner ${at}`, 60_000)),
      );
      expect(asked.filter((owned) => owned !== undefined)).toHaveLength(1);
      expect(await elsewhere.claim(1, 'other', 60_000)).toBeDefined();
    });

    it('shows rows and checkpoint together, to readers and to the next owner', async () => {
      const shard = await claimed(version, 0);
      expect(shard.checkpoint).toBe(0);
      expect(await shard.load(['a'])).toEqual(new Map());
      await writeLoaded(shard, { a: { text: 'one' }, b: { text: 'two' } }, 3);
      await writeLoaded(shard, { a: { text: 'three', count: 1 } }, 8);
      await shard.write([], 9);
      expect(await rows().find()).toEqual([{ text: 'three', count: 1 }, { text: 'two' }]);
      expect(await elsewhere.checkpoint(0)).toBe(9);
      expect(await elsewhere.checkpoint(1)).toBe(0);
      await shard.release();
      expect((await claimed(elsewhere, 0)).checkpoint).toBe(9);
    });

    it('keeps with each row the position and the times of its events', async () => {
      const shard = await claimed(version, 0);
      await writeLoaded(shard, { a: { text: 'one' } }, 3);
      await writeLoaded(shard, { a: { text: 'two' } }, 2 ** 40);
      expect((await shard.load(['a', 'b'])).get('a')).toMatchObject({
        row: { text: 'two' },
        position: 2 ** 40,
        createdAt: timeOf(3),
        updatedAt: timeOf(2 ** 40),
      });
      expect(await shard.load([])).toEqual(new Map());
    });

    it('has no row where it was deleted, and begins a new one after', async () => {
      const shard = await claimed(version, 0);
      await writeLoaded(shard, { a: { text: 'one' } }, 3);
      await writeLoaded(shard, { a: undefined, never: undefined }, 4);
      expect(await rows().get('a')).toBeUndefined();
      expect(await rows().find()).toEqual([]);
      expect((await rows().page()).rows).toEqual([]);
      expect((await shard.load(['a'])).get('a')?.row).toBeUndefined();
      await writeLoaded(shard, { a: { text: 'again' } }, 5);
      expect((await shard.load(['a'])).get('a')).toMatchObject({
        row: { text: 'again' },
        createdAt: timeOf(5),
      });
    });

    it('is not changed by a write that is repeated, because its answer was lost', async () => {
      const shard = await claimed(version, 0);
      const loaded = await shard.load(['a', 'b']);
      const lost = [
        change('a', { text: 'one' }, 3, loaded.get('a')),
        change('b', { text: 'two' }, 4, loaded.get('b')),
      ];
      await shard.write(lost, 4);
      await shard.write(lost, 4);
      expect(await elsewhere.checkpoint(0)).toBe(4);
      await writeLoaded(shard, { a: undefined, b: { text: 'later' } }, 6);
      await shard.write(lost, 4);
      expect(await rows().find()).toEqual([{ text: 'later' }]);
      expect(await elsewhere.checkpoint(0)).toBe(6);
    });

    it('is written in many rows at once', async () => {
      const shard = await claimed(version, 0);
      const many = Array.from({ length: 2_500 }, (_, at) =>
        change(`k${at}`, { text: `${at}`, count: at }, 7),
      );
      await shard.write(many, 7);
      expect(await rows().find({ count: { atLeast: 2_490 } })).toHaveLength(10);
      expect((await shard.load(many.map(({ key }) => key))).size).toBe(2_500);
    });

    it('holds a row of 10 MB', async () => {
      const shard = await claimed(version, 0);
      const text = 'é"x'.repeat(2_500_000);
      await writeLoaded(shard, { a: { text }, b: { text: 'small' } }, 1);
      expect((await rows().get('a'))?.text === text).toBe(true);
    }, 60_000);

    it('is not written at all where a row or key cannot be kept', async () => {
      const shard = await claimed(version, 0);
      const good = change('a', { text: 'good' }, 2);
      const bad = [
        [RowMismatchError, change('b', { text: 5 } as unknown as ContractRow, 2)],
        [RowMismatchError, change('b', { text: '\0' }, 2)],
        [RowMismatchError, change('b', { text: '', count: Number.NaN }, 2)],
        [InvalidKeyError, change('\0', { text: '' }, 2)],
      ] as const;
      for (const [error, one] of bad) await expect(shard.write([good, one], 2)).rejects.toThrow(error);
      expect(await rows().find()).toEqual([]);
      expect(await version.checkpoint(0)).toBe(0);
      await expect(shard.write([bad[0][1]], 2)).rejects.toMatchObject({
        view: 'contract',
        version: 1,
        key: 'b',
      });
    });

    it('stays with its owner while the lease lasts, and can be had as soon as it is released', async () => {
      const first = await claimed(version, 0);
      expect(await elsewhere.claim(0, 'other', 60_000)).toBeUndefined();
      await first.renew(60_000);
      expect(await elsewhere.claim(0, 'other', 60_000)).toBeUndefined();
      await first.release();
      await first.release();
      const second = await claimed(elsewhere, 0);
      await first.release();
      expect(await version.claim(0, 'third', 60_000)).toBeUndefined();
      await second.renew(60_000);
    });

    it('is taken over when the lease has run out, and who owned it before writes nothing any more', async () => {
      const stale = (await version.claim(0, 'stale', 50)) as OwnedShard<ContractRow>;
      await writeLoaded(stale, { a: { text: 'one' } }, 3);
      const loaded = await stale.load(['a']);
      const owner = await takeOver(0);
      expect(owner.checkpoint).toBe(3);

      const late = stale.write(
        [change('a', { text: 'stale' }, 4, loaded.get('a')), change('b', { text: 'stale' }, 4)],
        4,
      );
      const refused = await late.catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StaleOwnerError);
      expect(refused).toMatchObject({ view: 'contract', version: 1, shard: 0, owner: 'stale' });
      await expect(stale.write([], 9)).rejects.toThrow(StaleOwnerError);
      await expect(stale.renew(60_000)).rejects.toThrow(StaleOwnerError);
      await stale.release();
      expect(await rows().find()).toEqual([{ text: 'one' }]);
      expect(await version.checkpoint(0)).toBe(3);

      await writeLoaded(owner, { a: { text: 'two' } }, 4);
      expect(await rows().find()).toEqual([{ text: 'two' }]);
    });

    it('is shared by how many processes attend, each of them once and for as long as it says', async () => {
      expect(await version.attend('one', 60_000)).toBe(1);
      expect(await elsewhere.attend('two', 60_000)).toBe(2);
      expect(await version.attend('one', 60_000)).toBe(2);
      expect(await elsewhere.attend('two', 0)).toBe(1);
      await elsewhere.attend('two', 50);
      await expect.poll(() => version.attend('one', 60_000)).toBe(1);
      await rows().versions.open(2, { shards: 1 });
      await rows().versions.activate(2);
      await rows().versions.drop(1);
      await expect(version.attend('one', 60_000)).rejects.toThrow(UnknownVersionError);
    });

    it('is still written by an owner whose lease has run out where nobody else came', async () => {
      const slow = (await version.claim(0, 'slow', 0)) as OwnedShard<ContractRow>;
      await writeLoaded(slow, { a: { text: 'late' } }, 1);
      await slow.renew(60_000);
      expect(await elsewhere.claim(0, 'other', 60_000)).toBeUndefined();
    });
  });
}
