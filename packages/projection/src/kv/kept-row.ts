import type { StoredRow } from '../repository.ts';
import type { RowGuard } from '../rows/row-guard.ts';

/** What lies in a bucket under the key of a row. Times are milliseconds since 1970. */
export interface KeptRow {
  readonly position: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Missing: it was deleted. What is left tells the next owner up to which event that is so. */
  readonly row?: unknown;
}

/** @param row as JSON; `undefined` where it is deleted */
export function encodeRow(
  position: number,
  createdAt: Date | number,
  updatedAt: Date | number,
  row: string | undefined,
): Buffer {
  const facts = `{"position":${position},"createdAt":${Number(createdAt)},"updatedAt":${Number(updatedAt)}`;
  return Buffer.from(row === undefined ? `${facts}}` : `${facts},"row":${row}}`);
}

/** What somebody deleted by hand, with the tools of NATS, has no facts. */
const deletedByHand: KeptRow = { position: 0, createdAt: 0, updatedAt: 0 };

export function decodeRow(bytes: Uint8Array): KeptRow {
  if (bytes.byteLength === 0) return deletedByHand;
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

/** @throws RowMismatchError */
export function storedRow<Row>(
  guard: RowGuard<Row>,
  version: number,
  key: string,
  { position, createdAt, updatedAt, row }: KeptRow,
  revision: number,
): StoredRow<Row> {
  return {
    row: row === undefined ? undefined : guard.out(version, key, row),
    position,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    revision,
  };
}
