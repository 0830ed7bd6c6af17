import type { RowChange } from '../repository.ts';
import { checkKey } from '../rows/check-key.ts';
import { encodeRow } from './kept-row.ts';
import { type KvView, rowsPrefix } from './kv-view.ts';
import { rowToken } from './row-key.ts';
import { RowTooLargeError } from './row-too-large-error.ts';
import { type BucketWrite, mostHeaderBytes, mostWrites } from './write-batch.ts';

/** Keeps what the server has to hold at once small. */
const mostBytes = 8_000_000;

/** The write of a row of this key. @throws RowTooLargeError */
export function rowWrite<Row>(
  { name, connection }: KvView<Row>,
  key: string,
  body: Uint8Array,
  expected: number,
): BucketWrite {
  const limit = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const size = body.byteLength + mostHeaderBytes;
  if (size > limit) throw new RowTooLargeError(name, key, size, limit);
  return { key: rowsPrefix + rowToken(key), body, expected };
}

/** What changes write: of several of one key, the last on the condition of the first. @throws RowMismatchError; InvalidKeyError; RowTooLargeError */
export function changeWrites<Row>(
  view: KvView<Row>,
  version: number,
  changes: readonly RowChange<Row>[],
): ReadonlyMap<string, BucketWrite> {
  const writes = new Map<string, BucketWrite>();
  for (const { key, row, position, createdAt, updatedAt, before } of changes) {
    checkKey(view.name, key);
    const data = row === undefined ? undefined : JSON.stringify(view.guard.in(version, key, row));
    const body = encodeRow(position, createdAt, updatedAt, data);
    const expected = writes.get(key)?.expected ?? (before?.revision as number | undefined) ?? 0;
    writes.set(key, rowWrite(view, key, body, expected));
  }
  return writes;
}

/**
 * Puts writes into batches, as few as make sense, and at least one.
 *
 * @param others how many writes each batch has besides
 */
export function batches(writes: Iterable<BucketWrite>, others: number): readonly (readonly BucketWrite[])[] {
  let batch: BucketWrite[] = [];
  const all = [batch];
  let bytes = 0;
  for (const write of writes) {
    const size = write.body.byteLength;
    if (batch.length + others === mostWrites || (batch.length > 0 && bytes + size > mostBytes)) {
      batch = [];
      all.push(batch);
      bytes = 0;
    }
    batch.push(write);
    bytes += size;
  }
  return all;
}
