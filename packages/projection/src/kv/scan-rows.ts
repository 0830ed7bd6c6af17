import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { errors, nanos } from '@nats-io/nats-core';
import { compareTexts } from '../query/compare-texts.ts';
import type { KeyedRow } from '../query/query-rows.ts';
import { decodeRow } from './kept-row.ts';
import { type KvApi, silence, streamOf, subjectOf } from './kv-api.ts';
import { rowsPrefix } from './kv-view.ts';
import { rowKey } from './row-key.ts';

/** Messages asked for at a time. */
const most = 5_000;

/**
 * All rows of a bucket, in the order of their keys: each as it was at some moment of the call, and none is missed that
 * was there all the time. One that is written meanwhile goes to the end of the stream, so it is read from one replica, up
 * to where the leader was when the call began.
 */
export async function scanRows(api: KvApi, bucket: string): Promise<readonly KeyedRow<unknown>[]> {
  const { manager } = api;
  const { state } = await manager.streams.info(streamOf(bucket));
  if (state.messages === 0) return [];
  const consumer = await manager.consumers.add(streamOf(bucket), {
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(10 * silence),
  });
  try {
    const rows = await readAll(api, bucket, consumer, state.last_seq);
    return [...rows].sort(([one], [other]) => compareTexts(one, other));
  } finally {
    // Where that fails, the server does so when nobody has asked for a while.
    void manager.consumers.delete(streamOf(bucket), consumer.name).catch(overlook);
  }
}

function overlook(): void {}

async function readAll(
  { client }: KvApi,
  bucket: string,
  info: Parameters<KvApi['client']['consumers']['getConsumerFromInfo']>[0],
  upTo: number,
): Promise<Map<string, unknown>> {
  const consumer = client.consumers.getConsumerFromInfo(info);
  const prefix = subjectOf(bucket, rowsPrefix);
  const rows = new Map<string, unknown>();
  let delivered = 0;
  for (;;) {
    const before = delivered;
    for await (const { subject, data, seq, info } of await consumer.fetch({
      max_messages: most,
      expires: silence,
    })) {
      delivered += 1;
      // Some were lost on their way.
      if (info.deliverySequence !== delivered) throw new errors.TimeoutError();
      if (subject.startsWith(prefix)) {
        const key = rowKey(subject.slice(prefix.length));
        const { row } = decodeRow(data);
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
      }
      if (info.pending === 0 && seq >= upTo) return rows;
    }
    if (delivered === before) throw new errors.TimeoutError();
  }
}
