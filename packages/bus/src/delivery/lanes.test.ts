import { expect, it } from 'vitest';
import { createLanes } from './lanes.ts';

function lanesOf() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const lanes = createLanes<string>((item) => {
    begun.push(item);
    if (item.startsWith('now')) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(item, resolve);
    return promise;
  });
  const end = async (item: string) => {
    ends.get(item)?.();
    await new Promise(setImmediate);
  };
  return { lanes, begun, end };
}

it('handles the items of one key one after the other, and those of others meanwhile', async () => {
  const { lanes, begun, end } = lanesOf();
  lanes.put('a', 1, 'a1');
  lanes.put('a', 2, 'a2');
  lanes.put('b', 3, 'b3');
  expect(begun).toEqual(['a1', 'b3']);
  expect(lanes.waiting('a')).toBe(1);
  await end('a1');
  expect(begun).toEqual(['a1', 'b3', 'a2']);
  expect(lanes.size).toBe(2);
  expect(lanes.waiting('a')).toBe(0);
});

it('puts an item that comes late where its position belongs', async () => {
  const { lanes, begun, end } = lanesOf();
  lanes.put('a', 1, 'a1');
  lanes.put('a', 5, 'a5');
  lanes.put('a', 3, 'a3');
  await end('a1');
  await end('a3');
  expect(begun).toEqual(['a1', 'a3', 'a5']);
});

it('goes on at once where handling took no time', async () => {
  const { lanes, begun, end } = lanesOf();
  lanes.put('a', 1, 'now1');
  lanes.put('a', 2, 'a2');
  lanes.put('a', 3, 'now3');
  lanes.put('a', 4, 'now4');
  expect(begun).toEqual(['now1', 'a2']);
  await end('a2');
  expect(begun).toEqual(['now1', 'a2', 'now3', 'now4']);
  expect(lanes.size).toBe(0);
});

it('gives back what has not begun', async () => {
  const { lanes, begun, end } = lanesOf();
  lanes.put('a', 1, 'a1');
  lanes.put('a', 2, 'a2');
  lanes.put('b', 3, 'b3');
  lanes.put('b', 4, 'b4');
  expect(lanes.clear()).toEqual(['a2', 'b4']);
  expect(lanes.size).toBe(2);
  await end('a1');
  await end('b3');
  expect(begun).toEqual(['a1', 'b3']);
  expect(lanes.size).toBe(0);
});
