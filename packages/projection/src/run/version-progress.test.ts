import { expect, it } from 'vitest';
import { versionProgress } from './version-progress.ts';

it('shows who waits what others write, also where they take over only then', async () => {
  const local = new Map([
    [0, 3],
    [1, 3],
  ]);
  let stored = [3, 3];
  const progress = versionProgress({
    projection: 'names',
    shards: 2,
    local: (shard) => local.get(shard),
    checkpoints: async () => stored,
  });
  progress.advance();
  const waiting = progress.waitFor(9, 10_000);
  local.delete(1);
  local.set(0, 9);
  progress.advance();
  expect(progress.position).toBe(3);
  stored = [3, 9];
  await waiting;
  expect(progress.position).toBe(9);
});
