import { expect, it } from 'vitest';
import { decisionLines } from './decision-lines.ts';

const failing = async () => Promise.reject(new Error('no'));

it('lets those of one key go one after the other, whatever becomes of them, and others meanwhile', async () => {
  const inLine = decisionLines();
  const order: string[] = [];
  const end = Promise.withResolvers<void>();
  const first = inLine('a', async () => {
    order.push('first');
    await end.promise;
    return 1;
  });
  const failed = inLine('a', failing);
  const last = inLine('a', async () => order.push('last'));
  await inLine('b', async () => order.push('other'));
  expect(order).toEqual(['first', 'other']);
  end.resolve();
  await expect(failed).rejects.toThrow('no');
  expect([await first, await last]).toEqual([1, 3]);
  expect(order).toEqual(['first', 'other', 'last']);
});
