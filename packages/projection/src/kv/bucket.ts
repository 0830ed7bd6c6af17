import { DiscardPolicy, JetStreamApiError, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { UnsupportedServerError } from '@pipit/types-registry';
import { type KvApi, streamOf, subjectOf } from './kv-api.ts';
import { isMissingBucket } from './kv-failure.ts';

/** Settings of buckets, used when they are created. */
export interface KvBucketSettings {
  /** Servers that keep a copy. Default: 1. */
  readonly replicas?: number;
  /** Default: `file`. */
  readonly storage?: NonNullable<StreamConfig['storage']>;
  readonly placement?: NonNullable<StreamConfig['placement']>;
  /** Bytes of the rows of one version, deleted ones included. A write that finds no room is refused. Default: no limit. */
  readonly maxBytes?: number;
}

const nameInUse = 10058;

/**
 * Creates a bucket, as a stream by NATS's ADR-8: the client's KV makes none that takes atomic batches.
 *
 * @throws UnsupportedServerError
 */
export async function createBucket(
  api: KvApi,
  bucket: string,
  { replicas = 1, storage = StorageType.File, placement, maxBytes }: KvBucketSettings,
  view: string,
): Promise<void> {
  const wanted: Partial<StreamConfig> = {
    name: streamOf(bucket),
    subjects: [subjectOf(bucket, '>')],
    max_msgs_per_subject: 1,
    // Full, it refuses rows instead of forgetting the oldest.
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_atomic: true,
    num_replicas: replicas,
    storage,
    metadata: { 'pipit-view': view },
    ...(placement !== undefined && { placement }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
  };
  try {
    const { config } = await api.manager.streams.add(wanted as StreamConfig & { name: string });
    if (config.allow_atomic === true) return;
    await deleteBucket(api, bucket);
    const { version = 'of unknown version' } = api.connection.info ?? {};
    throw new UnsupportedServerError(version, ['stream setting allow_atomic']);
  } catch (error) {
    // Created before, or by another process, with settings of its own.
    if (!(error instanceof JetStreamApiError && error.code === nameInUse)) throw error;
  }
}

export async function deleteBucket({ manager }: KvApi, bucket: string): Promise<void> {
  try {
    await manager.streams.delete(streamOf(bucket));
  } catch (error) {
    if (!isMissingBucket(error)) throw error;
  }
}

export async function hasBucket(api: KvApi, bucket: string): Promise<boolean> {
  try {
    await api.manager.streams.info(streamOf(bucket));
    return true;
  } catch (error) {
    if (isMissingBucket(error)) return false;
    throw error;
  }
}

/** Milliseconds since 1970 by the clock of the bucket's leader, which stamps what is written as well. */
export async function serverTime({ manager }: KvApi, bucket: string): Promise<number> {
  // When the answer was made; the client's type leaves it out.
  const { ts } = (await manager.streams.info(streamOf(bucket))) as unknown as { readonly ts: string };
  return Date.parse(ts);
}
