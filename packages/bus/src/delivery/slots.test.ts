import { expect, it } from 'vitest';
import { createSlots } from './slots.ts';

function taker(size: number) {
  const slots = createSlots(size);
  const got: string[] = [];
  const take = (name: string, alone?: boolean) => {
    const wait = slots.take(alone);
    if (wait === undefined) got.push(name);
    else void wait.then((hasPlace) => got.push(hasPlace ? name : `no ${name}`));
  };
  return { slots, got, take };
}

it('gives as many places as there are, then in the order of asking', async () => {
  const { slots, got, take } = taker(2);
  for (const name of ['a', 'b', 'c', 'd']) take(name);
  expect(got).toEqual(['a', 'b']);
  slots.free();
  await Promise.resolve();
  expect(got).toEqual(['a', 'b', 'c']);
  slots.free();
  await Promise.resolve();
  expect(got).toEqual(['a', 'b', 'c', 'd']);
  expect(slots.used).toBe(2);
});

it('lets one run alone: it waits for those before it, and those after it wait for its end', async () => {
  const { slots, got, take } = taker(2);
  take('a');
  take('alone', true);
  take('b');
  expect(got).toEqual(['a']);
  slots.free();
  await Promise.resolve();
  expect(got).toEqual(['a', 'alone']);
  slots.free(true);
  await Promise.resolve();
  expect(got).toEqual(['a', 'alone', 'b']);
  slots.free();
  expect(slots.used).toBe(0);
});

it('gives nothing any more once it is closed, nor to those who wait', async () => {
  const { slots, got, take } = taker(1);
  take('a');
  take('b');
  slots.close();
  take('c');
  await Promise.resolve();
  slots.free();
  expect(got).toEqual(['a', 'no b', 'no c']);
});
