import { expect } from 'vitest';
import type { OwnedShard, RowChange, StoredRow, VersionRows } from '../repository.ts';
import type { ContractRow } from './contract-row.ts';

/** A row as the event of this position made it, at a time of its own. */
export function change(
  key: string,
  row: ContractRow | undefined,
  position: number,
  before?: StoredRow<ContractRow>,
): RowChange<ContractRow> {
  const updatedAt = timeOf(position);
  const createdAt = before?.row === undefined ? updatedAt : before.createdAt;
  return { key, row, position, createdAt, updatedAt, before };
}

export function timeOf(position: number): Date {
  return new Date(Date.UTC(2020, 0, 1) + (position % 1_000_000) * 1_001);
}

/** Claims a shard that nobody owns, for long enough. */
export async function claimed(
  rows: VersionRows<ContractRow>,
  shard: number,
  owner = 'contract',
): Promise<OwnedShard<ContractRow>> {
  const owned = await rows.claim(shard, owner, 60_000);
  expect(owned, `shard ${shard} is free`).toBeDefined();
  return owned as OwnedShard<ContractRow>;
}

/** Writes rows as a projection does: on what it has loaded. */
export async function writeLoaded(
  shard: OwnedShard<ContractRow>,
  rows: Readonly<Record<string, ContractRow | undefined>>,
  position: number,
): Promise<void> {
  const before = await shard.load(Object.keys(rows));
  const changes = Object.entries(rows).map(([key, row]) => change(key, row, position, before.get(key)));
  await shard.write(changes, position);
}
