import { describe, expect, it } from 'vitest';
import type { OperationSuite } from './operation-suite.ts';

/** What a list has, and in which order. */
export function operationListContract(suite: OperationSuite): void {
  describe('a list', () => {
    const run = (kind: 'command' | 'webhook', name: string) =>
      suite.operations().operation({ kind, name }, ({ id }) => id);

    it('has the newest first, as many as asked for, of the kind, name, state and time asked for', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push(await run('command', 'open'));
      ids.push(await run('webhook', 'paid'), await run('command', 'close'));
      await suite
        .operations()
        .operation(suite.openAccount, () => Promise.reject(new Error('no')))
        .catch(() => {});
      const all = await suite.list();
      expect(all.map(({ id }) => id)).toEqual([expect.any(String), ...ids.toReversed()]);
      expect(await suite.list({ limit: 2 })).toEqual(all.slice(0, 2));
      expect((await suite.list({ kind: 'webhook' })).map(({ name }) => name)).toEqual(['paid']);
      expect(await suite.list({ name: 'open' })).toHaveLength(5);
      expect(await suite.list({ kind: 'webhook', name: 'open' })).toEqual([]);
      expect(await suite.list({ state: 'succeeded' })).toHaveLength(7);
      expect(await suite.list({ state: 'failed' })).toMatchObject([suite.openAccount]);
      const [newest, second] = all;
      expect(await suite.list({ from: newest?.startedAt as Date })).toContainEqual(newest);
      expect(await suite.list({ to: second?.startedAt as Date })).not.toContainEqual(second);
      expect(await suite.list({ from: new Date(Date.now() + 60_000) })).toEqual([]);
      expect(await suite.list({ to: new Date(0) })).toEqual([]);
      expect(await suite.list({ to: new Date(Date.now() + 600_000), from: new Date(0) })).toEqual(all);
    });

    it('has those that run', async () => {
      await run('command', 'done');
      await suite.operations().operation(suite.openAccount, async ({ id }) => {
        expect(await suite.list({ state: 'running' })).toMatchObject([{ id, endedAt: undefined }]);
      });
      expect(await suite.list({ state: 'running' })).toEqual([]);
    });

    it('of more than a few hundred is read whole, with many other records between them', async () => {
      const ids = await Promise.all(
        Array.from({ length: 700 }, (_, index) =>
          suite.operations().operation({ ...suite.openAccount, name: `n${index % 7}` }, ({ id }) => {
            for (let each = 0; each < index % 10; each += 1) suite.append(`${id}-${each}`);
            return id;
          }),
        ),
      );
      const all = await suite.list();
      expect(all.every(({ state }) => state === 'succeeded')).toBe(true);
      expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(await suite.list({ name: 'n3' })).toHaveLength(100);
    }, 60_000);

    it.each([
      { kind: '*' as never },
      { name: '' },
      { state: 'done' as never },
      { limit: 0 },
      { from: new Date(Number.NaN) },
    ])('for %o is refused', async (query) => {
      await expect(suite.list(query)).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
    });
  });
}
