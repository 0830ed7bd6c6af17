import { describe, expect, it } from 'vitest';
import type { Repository, VersionRows } from '../repository.ts';
import {
  InvalidVersionError,
  ShardsMismatchError,
  SourceMismatchError,
  StaleOwnerError,
  UnknownVersionError,
  VersionActiveError,
} from '../version-errors.ts';
import { change, claimed } from './contract-changes.ts';
import type { ContractRow, OpenedRepository } from './contract-row.ts';

export function versionContract(opened: () => OpenedRepository): void {
  const rows = () => opened().repository;
  const versions = () => rows().versions;

  async function build(repository: Repository<ContractRow>, version: number, text: string) {
    const opened = await repository.versions.open(version, { shards: 1 });
    const shard = await claimed(opened, 0);
    await shard.write([change('a', { text }, 5)], 5);
    return opened;
  }

  describe('versions', () => {
    it('are none at first; the first one is read at once, a later one when it is told to be', async () => {
      expect(await versions().list()).toEqual([]);
      await versions().open(1, { shards: 2 });
      expect(await versions().list()).toEqual([{ version: 1, active: true, checkpoints: [0, 0] }]);
      await versions().open(3, { shards: 1 });
      await versions().open(2, { shards: 1 });
      expect((await versions().list()).map(({ version, active }) => [version, active])).toEqual([
        [1, true],
        [2, false],
        [3, false],
      ]);
      await versions().activate(2);
      await versions().activate(2);
      expect((await versions().list()).filter(({ active }) => active)).toHaveLength(1);
    });

    it('have rows of their own, and readers see those of the active one', async () => {
      const other = await opened().another();
      await build(rows(), 1, 'old');
      await build(rows(), 2, 'new');
      expect(await other.get('a')).toEqual({ text: 'old' });
      await versions().activate(2);
      expect(await other.get('a')).toEqual({ text: 'new' });
      expect(await other.find()).toEqual([{ text: 'new' }]);
      expect((await other.page()).rows).toEqual([{ text: 'new' }]);
      expect(await other.getMany(['a'])).toEqual(new Map([['a', { text: 'new' }]]));
      await versions().activate(1);
      expect(await other.get('a')).toEqual({ text: 'old' });
    });

    it('take the place of the one that is named, and of no other', async () => {
      for (const version of [1, 2, 3]) await versions().open(version, { shards: 1 });
      const active = async () => (await versions().list()).find((version) => version.active)?.version;
      await versions().activate(3, { insteadOf: 1 });
      expect(await active()).toBe(3);
      await versions().activate(2, { insteadOf: 1 });
      expect(await active()).toBe(3);
      await expect(versions().activate(9, { insteadOf: 1 })).rejects.toThrow(UnknownVersionError);
    });

    it('are saved to by hand where they are active', async () => {
      await build(rows(), 1, 'old');
      await build(rows(), 2, 'new');
      await rows().save('b', { text: 'by hand' });
      expect(await rows().find()).toEqual([{ text: 'old' }, { text: 'by hand' }]);
      await versions().activate(2);
      expect(await rows().find()).toEqual([{ text: 'new' }]);
      await rows().delete('a');
      await versions().activate(1);
      expect(await rows().find()).toHaveLength(2);
    });

    it('begin with version 1 where the first row is saved by hand', async () => {
      await rows().save('a', { text: 'by hand' });
      expect(await versions().list()).toEqual([{ version: 1, active: true, checkpoints: [0] }]);
      const shard = await claimed(await versions().open(1, { shards: 1 }), 0);
      expect((await shard.load(['a'])).get('a')).toMatchObject({ row: { text: 'by hand' }, position: 0 });
    });

    it('are opened as they were made', async () => {
      await versions().open(1, { shards: 2 });
      const refused = await versions()
        .open(1, { shards: 3 })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ShardsMismatchError);
      expect(refused).toMatchObject({ view: 'contract', version: 1, expected: 3, actual: 2 });
      await (await opened().another()).versions.open(1, { shards: 2 });
    });

    it('are built from one source, which the first says', async () => {
      await rows().save('a', { text: 'by hand' });
      await versions().open(1, { shards: 1 });
      await versions().open(1, { shards: 1, source: 'names of blog' });
      const other = (await opened().another()).versions;
      await other.open(1, { shards: 1, source: 'names of blog' });
      await other.open(1, { shards: 1 });
      const refused = await other
        .open(1, { shards: 1, source: 'titles of blog' })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SourceMismatchError);
      expect(refused).toMatchObject({ version: 1, expected: 'titles of blog', actual: 'names of blog' });
      await other.open(2, { shards: 1, source: 'titles of blog' });
    });

    it('and their shards are counted from 1', async () => {
      for (const [version, shards] of [
        [0, 1],
        [1.5, 1],
        [2 ** 40, 1],
        [1, 0],
        [1, -1],
        [1, Number.NaN],
        [1, 5_000],
      ] as const) {
        await expect(versions().open(version, { shards })).rejects.toThrow(InvalidVersionError);
      }
      expect(await versions().list()).toEqual([]);
    });

    it('are opened by many at once', async () => {
      const repositories = [rows(), await opened().another(), await opened().another()];
      const all = await Promise.all(
        repositories.flatMap((one) => [1, 2].map((version) => one.versions.open(version, { shards: 2 }))),
      );
      expect(all).toHaveLength(6);
      expect((await versions().list()).filter(({ active }) => active)).toHaveLength(1);
    });

    it('are dropped with their rows, unless they are read', async () => {
      await build(rows(), 1, 'old');
      const second = await build(rows(), 2, 'new');
      await expect(versions().drop(1)).rejects.toThrow(VersionActiveError);
      await versions().drop(2);
      await versions().drop(2);
      await versions().drop(9);
      expect(await versions().list()).toHaveLength(1);
      await expect(versions().activate(2)).rejects.toThrow(UnknownVersionError);
      await expect(second.claim(0, 'me', 1_000)).rejects.toThrow(UnknownVersionError);
      await expect(second.checkpoint(0)).rejects.toThrow(UnknownVersionError);
      expect(await rows().get('a')).toEqual({ text: 'old' });
    });

    it('begin anew after they were dropped, and their owners of before write nothing', async () => {
      await versions().open(1, { shards: 1 });
      const old = await versions().open(2, { shards: 1 });
      const before = await claimed(old, 0);
      await before.write([change('a', { text: 'before' }, 7)], 7);
      await versions().drop(2);
      await expect(before.write([change('a', { text: 'stale' }, 8)], 8)).rejects.toThrow(StaleOwnerError);

      const again: VersionRows<ContractRow> = await versions().open(2, { shards: 1 });
      const now = await claimed(again, 0);
      expect(now.checkpoint).toBe(0);
      await expect(old.claim(0, 'old', 1_000)).rejects.toThrow(UnknownVersionError);
      await expect(old.attend('old', 1_000)).rejects.toThrow(UnknownVersionError);
      await expect(old.checkpoint(0)).rejects.toThrow(UnknownVersionError);
      expect((await now.load(['a'])).get('a')?.row).toBeUndefined();
      await expect(before.write([change('a', { text: 'stale' }, 9)], 9)).rejects.toThrow(StaleOwnerError);
      await now.write([change('a', { text: 'after' }, 1)], 1);
      await versions().activate(2);
      expect(await rows().get('a')).toEqual({ text: 'after' });
    });
  });
}
