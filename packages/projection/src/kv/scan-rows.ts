import { AckPolicy, type Consumer, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { compareTexts } from '../query/compare-texts.ts';
import type { KeyedRow } from '../query/query-rows.ts';
import { decodeRow } from './kept-row.ts';
import { type KvApi, silence, streamOf, subjectOf } from './kv-api.ts';
import { ScanBrokenError } from './kv-failure.ts';
import { rowsPrefix } from './kv-view.ts';
import { loadLatest } from './load-rows.ts';
import { rowKey } from './row-key.ts';

/** Rows asked for at a time, and about how many bytes of them: a server cuts off who does not read as fast as it sends. */
const mostRows = 5_000;
const mostBytes = 8_000_000;

/**
 * All rows of a bucket, in the order of their keys: each as it was at some moment of the call, and none is missed that
 * was there all the time.
 */
export async function scanRows(api: KvApi, bucket: string): Promise<readonly KeyedRow<unknown>[]> {
  const { messages, bytes, last_seq: end } = await stateOf(api, bucket);
  if (messages === 0) return [];
  const atOnce = Math.max(1, Math.min(mostRows, Math.floor((mostBytes * messages) / bytes)));
  const rows = await readTo(api, bucket, end, atOnce);
  // What is written meanwhile moves to the end of the stream, maybe past where the reading ended.
  if ((await stateOf(api, bucket)).last_seq !== end) await addMissing(api, bucket, rows);
  return [...rows].filter(([, row]) => row !== undefined).sort(([one], [other]) => compareTexts(one, other));
}

async function stateOf({ manager }: KvApi, bucket: string) {
  return (await manager.streams.info(streamOf(bucket))).state;
}

/** Rows by key, `undefined` those that are deleted, up to what the leader has had last: a replica that is behind is waited for. */
async function readTo(
  api: KvApi,
  bucket: string,
  end: number,
  atOnce: number,
): Promise<Map<string, unknown>> {
  const { consumers } = api.manager;
  const consumer = await consumers.add(streamOf(bucket), {
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    mem_storage: true,
    // So that all rows come from one replica.
    num_replicas: 1,
    inactive_threshold: nanos(3 * silence),
  });
  try {
    return await readAll(api.client.consumers.getConsumerFromInfo(consumer), bucket, end, atOnce);
  } finally {
    // Where that fails, the server does it when nobody has asked for a while.
    consumers.delete(streamOf(bucket), consumer.name).catch(overlook);
  }
}

function overlook(): void {}

async function readAll(
  consumer: Consumer,
  bucket: string,
  end: number,
  atOnce: number,
): Promise<Map<string, unknown>> {
  const prefix = subjectOf(bucket, rowsPrefix);
  const rows = new Map<string, unknown>();
  let delivered = 0;
  for (;;) {
    const before = delivered;
    for await (const message of await consumer.fetch({ max_messages: atOnce, expires: silence })) {
      const { subject, data, seq } = message;
      delivered += 1;
      if (message.info.deliverySequence !== delivered)
        throw new ScanBrokenError('rows were lost on their way');
      if (subject.startsWith(prefix)) rows.set(rowKey(subject.slice(prefix.length)), decodeRow(data).row);
      if (seq >= end) return rows;
    }
    if (delivered === before) throw new ScanBrokenError('no more rows came');
  }
}

async function addMissing(api: KvApi, bucket: string, rows: Map<string, unknown>): Promise<void> {
  const prefix = subjectOf(bucket, rowsPrefix);
  const { state } = await api.manager.streams.info(streamOf(bucket), { subjects_filter: `${prefix}>` });
  const keys = Object.keys(state.subjects ?? {}).map((subject) => rowKey(subject.slice(prefix.length)));
  const missing = keys.filter((key) => !rows.has(key));
  for (const [key, { kept }] of await loadLatest(api, bucket, missing)) rows.set(key, kept.row);
}
