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
  const end = await endOf(api, bucket);
  if (end === 0) return [];
  const { messages, bytes } = await stateOf(api, bucket);
  const atOnce = Math.max(1, Math.min(mostRows, Math.floor((mostBytes * messages) / Math.max(bytes, 1))));
  const rows = await readTo(api, bucket, end, atOnce);
  // What is written meanwhile moves to the end of the stream, maybe past where the reading ended.
  if ((await endOf(api, bucket)) !== end) await addMissing(api, bucket, end, rows);
  return [...rows].filter(([, row]) => row !== undefined).sort(([one], [other]) => compareTexts(one, other));
}

/** The sequence of what was written last, by the leader; 0 where nothing is kept. */
async function endOf({ manager }: KvApi, bucket: string): Promise<number> {
  const last = await manager.streams.getMessage(streamOf(bucket), { last_by_subj: '>' });
  return last?.seq ?? 0;
}

/**
 * Maybe of a replica that is behind: a server that was to be the leader answers for it while the stream is young, and all
 * of them do while there is none (nats-server, `jsStreamInfoRequest`).
 */
async function stateOf({ manager }: KvApi, bucket: string, subjects?: string) {
  const asked = subjects === undefined ? undefined : { subjects_filter: subjects };
  return (await manager.streams.info(streamOf(bucket), asked)).state;
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

async function addMissing(
  api: KvApi,
  bucket: string,
  end: number,
  rows: Map<string, unknown>,
): Promise<void> {
  const prefix = subjectOf(bucket, rowsPrefix);
  const { last_seq, subjects = {} } = await stateOf(api, bucket, `${prefix}>`);
  if (last_seq < end) throw new ScanBrokenError('the keys are those of a replica that is behind');
  const keys = Object.keys(subjects).map((subject) => rowKey(subject.slice(prefix.length)));
  const missing = keys.filter((key) => !rows.has(key));
  for (const [key, { kept }] of await loadLatest(api, bucket, missing)) rows.set(key, kept.row);
}
