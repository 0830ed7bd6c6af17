import type { Msg } from '@nats-io/nats-core';
import pLimit from 'p-limit';
import { decodeRow, type KeptRow } from './kept-row.ts';
import { type KvApi, lastOf, silence, streamOf, subjectOf } from './kv-api.ts';
import { rowsPrefix } from './kv-view.ts';
import { rowToken } from './row-key.ts';

export interface LoadedRow {
  readonly kept: KeptRow;
  readonly revision: number;
}

/** What the server answers at most to a request for several keys. */
const mostKeys = 1_000;
/** Bytes of a request, well below what a server takes. */
const mostBytes = 400_000;
/** Requests of one key that are under way at a time. */
const inFlight = 256;
/** Below this many keys, one request for each is faster than one for all. */
const fewKeys = 24;

/** The rows of these keys, from the leader of the bucket: never old ones. */
export async function loadLatest(
  api: KvApi,
  bucket: string,
  keys: Iterable<string>,
): Promise<Map<string, LoadedRow>> {
  const loaded = new Map<string, LoadedRow>();
  await pLimit(inFlight).map(new Set(keys), async (key) => {
    const found = await lastOf(api, bucket, rowsPrefix + rowToken(key));
    if (found !== undefined) loaded.set(key, { kept: decodeRow(found.data), revision: found.seq });
  });
  return loaded;
}

/** An entry that has been written after all that is to be seen. */
export interface Fence {
  readonly key: string;
  readonly revision: number;
}

/**
 * The rows of these keys as of the fence or later. Many are asked for at once (ADR-31), which any replica of the bucket
 * answers; where that one is behind the fence, or the answer is not whole, the leader is asked.
 */
export async function loadAtFence(
  api: KvApi,
  bucket: string,
  keys: Iterable<string>,
  fence: Fence,
): Promise<Map<string, LoadedRow>> {
  const asked = [...new Set(keys)];
  if (asked.length < fewKeys) return await loadLatest(api, bucket, asked);
  const parts = await Promise.all(
    partsOf(bucket, asked).map(
      async (part) =>
        (await loadPart(api, bucket, part, fence)) ?? (await loadLatest(api, bucket, part.values())),
    ),
  );
  return new Map(parts.flatMap((part) => [...part]));
}

/** Keys by their subjects, as many as fit into one request. */
function partsOf(bucket: string, keys: readonly string[]): readonly ReadonlyMap<string, string>[] {
  let part = new Map<string, string>();
  const parts = [part];
  let bytes = 0;
  for (const key of keys) {
    const subject = subjectOf(bucket, rowsPrefix + rowToken(key));
    if (part.size === mostKeys - 1 || bytes + subject.length > mostBytes) {
      part = new Map();
      parts.push(part);
      bytes = 0;
    }
    part.set(subject, key);
    bytes += subject.length + 3;
  }
  return parts;
}

async function loadPart(
  { connection, prefix }: KvApi,
  bucket: string,
  keys: ReadonlyMap<string, string>,
  fence: Fence,
): Promise<Map<string, LoadedRow> | undefined> {
  const fenceSubject = subjectOf(bucket, fence.key);
  const request = JSON.stringify({ multi_last: [fenceSubject, ...keys.keys()], batch: mostKeys });
  const answers = await connection.requestMany(`${prefix}.DIRECT.GET.${streamOf(bucket)}`, request, {
    strategy: 'sentinel',
    maxWait: silence,
  });
  const loaded = new Map<string, LoadedRow>();
  let isFresh = false;
  for await (const answer of answers) {
    const revision = Number(answer.headers?.get('Nats-Sequence'));
    const subject = answer.headers?.get('Nats-Subject') ?? '';
    const key = keys.get(subject);
    if (key !== undefined) loaded.set(key, { kept: decodeRow(answer.data), revision });
    else if (subject === fenceSubject) isFresh = revision >= fence.revision;
    else if (isEnd(answer)) return isFresh ? loaded : undefined;
  }
  return undefined;
}

/** Status 204, behind the last row. */
function isEnd({ headers }: Msg): boolean {
  return headers?.code === 204;
}
