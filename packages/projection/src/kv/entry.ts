import { type KvApi, lastOf } from './kv-api.ts';
import { writeBatch } from './write-batch.ts';

/** What is kept besides rows, as JSON. */
export interface Entry<Value> {
  readonly value: Value;
  readonly revision: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly writtenAt: number;
}

export async function readEntry<Value>(
  api: KvApi,
  bucket: string,
  key: string,
): Promise<Entry<Value> | undefined> {
  const found = await lastOf(api, bucket, key);
  if (found === undefined || found.data.length === 0) return undefined;
  return { value: found.json<Value>(), revision: found.seq, writtenAt: found.time.getTime() };
}

/** @returns the new revision; `undefined` where it is not at the expected one any more */
export async function writeEntry(
  api: KvApi,
  bucket: string,
  key: string,
  value: unknown,
  expected: number,
): Promise<number | undefined> {
  return await writeBatch(api, bucket, [{ key, body: entryBody(value), expected }]);
}

export function entryBody(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
