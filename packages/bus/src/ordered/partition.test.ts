import { expect, it } from 'vitest';
import { ownersOf, partitionOf } from './partition.ts';

const members = (...ids: string[]) => ids.map((id) => ({ id }));

it('of a key is what the FNV-1a hash of its tokens says', () => {
  // The published test vectors of FNV-1a, 32 bits.
  expect(partitionOf('a', 2 ** 32)).toBe(0xe40c292c);
  expect(partitionOf('foo.bar', 2 ** 32)).toBe(0xbf9cf968);
});

it('spreads keys over all partitions', () => {
  const counts = new Array(16).fill(0);
  for (let index = 0; index < 16_000; index += 1) counts[partitionOf(`post.${index}`, 16)] += 1;
  for (const count of counts) expect(count).toBeGreaterThan(700);
});

it('has one owner, and every member owns some', () => {
  const owners = ownersOf(64, members('a', 'b', 'c'));
  expect(owners).toHaveLength(64);
  for (const id of ['a', 'b', 'c'])
    expect(owners.filter((owner) => owner.id === id).length).toBeGreaterThan(8);
});

it('is shared evenly, whatever the names of the members', () => {
  for (let process = 0; process < 500; process += 1) {
    const names = [`host-${process}-1f0e${process}-1`, `host-${process}-9c2b${process}-2`];
    const owners = ownersOf(64, members(...names));
    // The chance of fewer is one in 40,000 for each.
    const owned = owners.filter(({ id }) => id === names[0]).length;
    expect(Math.min(owned, 64 - owned), String(names)).toBeGreaterThanOrEqual(16);
  }
});

it('moves to a member that joins, and from no other to another', () => {
  const before = ownersOf(64, members('a', 'b'));
  const after = ownersOf(64, members('b', 'c', 'a'));
  for (const [partition, owner] of after.entries()) {
    if (owner.id !== 'c') expect(owner.id).toBe(before[partition]?.id);
  }
});
