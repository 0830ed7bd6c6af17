import { JetStreamApiError } from '@nats-io/jetstream';
import { type Msg, type MsgHdrs, nuid } from '@nats-io/nats-core';
import { answerOf, type KvApi, silence, subjectOf } from './kv-api.ts';

export interface BucketWrite {
  readonly key: string;
  readonly body: Uint8Array;
  /** The revision that the key has to be at; 0 where there is nothing. */
  readonly expected: number;
}

/** What a server takes in one atomic batch. */
export const mostWrites = 1_000;
/** Bytes of a message beyond its body: key, guard and batch, at most. */
export const mostHeaderBytes = 256;

const wrongLastSequence = 10071;
const batchIncomplete = 10176;

/**
 * Writes keys of a bucket as one, in one round trip: a single one, or an atomic batch by NATS's ADR-50. Each is guarded.
 * A key stands in it once.
 *
 * @returns the revision of the first; those of the others follow one by one. `undefined` where one is not at the
 * expected revision, and nothing was written
 * @throws the client's error; where it gives no answer, all or nothing may have been written
 */
export async function writeBatch(
  api: KvApi,
  bucket: string,
  writes: readonly BucketWrite[],
): Promise<number | undefined> {
  try {
    const { seq } =
      writes.length === 1 ? await publish(api, bucket, writes) : await publishBatch(api, bucket, writes);
    return seq - writes.length + 1;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return undefined;
    throw error;
  }
}

interface PublishAck {
  readonly seq: number;
}

async function publish(api: KvApi, bucket: string, [write]: readonly BucketWrite[]): Promise<PublishAck> {
  const { key, body, expected } = write as BucketWrite;
  return ackOf(await request(api, bucket, key, body, guard(expected)));
}

async function publishBatch(api: KvApi, bucket: string, writes: readonly BucketWrite[]): Promise<PublishAck> {
  const batch = nuid.next();
  let early: Promise<Msg | Error> | undefined;
  let last: Promise<Msg> | undefined;
  for (const [index, { key, body, expected }] of writes.entries()) {
    const headers = `Nats-Batch-Id: ${batch}\r\nNats-Batch-Sequence: ${index + 1}\r\n${guard(expected)}`;
    if (index === 0) early = request(api, bucket, key, body, headers).catch((error: Error) => error);
    else if (index < writes.length - 1) send(api, bucket, key, body, headers);
    else last = request(api, bucket, key, body, `${headers}Nats-Batch-Commit: 1\r\n`);
  }
  try {
    return ackOf((await last) as Msg);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === batchIncomplete)) throw error;
    // Why it could not begin stands in the answer to its beginning; one that has begun has an empty answer.
    const first = await early;
    if (first instanceof Error) throw first;
    if (first !== undefined && first.data.length > 0) ackOf(first);
    throw error;
  }
}

function ackOf(answer: Msg): PublishAck {
  return answerOf(answer.json<PublishAck>());
}

function guard(expected: number): string {
  return `Nats-Expected-Last-Subject-Sequence: ${expected}\r\n`;
}

function request(api: KvApi, bucket: string, key: string, body: Uint8Array, headers: string): Promise<Msg> {
  return api.connection.request(targetOf(api, bucket, key), body, {
    headers: block(headers),
    timeout: silence,
  });
}

function send(api: KvApi, bucket: string, key: string, body: Uint8Array, headers: string): void {
  api.connection.publish(targetOf(api, bucket, key), body, { headers: block(headers) });
}

/** As the client's KV does where JetStream is in another domain or account. */
function targetOf({ prefix }: KvApi, bucket: string, key: string): string {
  const subject = subjectOf(bucket, key);
  return prefix === '$JS.API' ? subject : `${prefix}.${subject}`;
}

/** All that the client asks of headers when it publishes; its own class checks and puts together each of them. */
function block(headers: string): MsgHdrs {
  const bytes = Buffer.from(`NATS/1.0\r\n${headers}\r\n`);
  return { encode: () => bytes } as unknown as MsgHdrs;
}
