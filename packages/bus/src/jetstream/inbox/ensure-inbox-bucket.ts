import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { type StreamDifference, StreamMismatchError, UnsupportedServerError } from '@pipit/types-registry';
import { isMissingStream, type OpenStore } from '../open-store.ts';

/** Settings of the bucket, used when it is created. */
export interface InboxBucketSettings {
  /** Default: as the store's stream. */
  readonly replicas?: number;
  /** Default: as the store's stream. */
  readonly storage?: NonNullable<StreamConfig['storage']>;
  readonly placement?: NonNullable<StreamConfig['placement']>;
  /** Where it is full, handlers do not run. Default: no limit. */
  readonly maxBytes?: number;
}

/** Milliseconds until a bucket without a leader is given up. */
const patience = 10_000;
const pause = 200;

/** What the inbox's promises stand on. */
function promised(bucket: string): Partial<StreamConfig> {
  return {
    subjects: [`$KV.${bucket}.>`],
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    // Full, it refuses entries instead of forgetting the oldest.
    discard: DiscardPolicy.New,
    allow_msg_ttl: true,
  };
}

/**
 * Creates the bucket `<store>_inbox`, or checks the one that is there and leaves it as it is. A bucket is a stream by
 * NATS's ADR-8; it is made as one because the client's KV cannot give each entry a time to live when it is updated.
 *
 * @param ttl milliseconds that entries have to last
 * @returns the name of the bucket
 * @throws StreamMismatchError, UnsupportedServerError, or the client's error
 */
export async function ensureInboxBucket(
  { manager, connection, name: store }: OpenStore,
  settings: InboxBucketSettings,
  ttl: number,
): Promise<string> {
  const bucket = `${store}_inbox`;
  const stream = `KV_${bucket}`;
  const deadline = performance.now() + patience;

  async function find(): Promise<StreamConfig | undefined> {
    try {
      return (await manager.streams.info(stream)).config;
    } catch (error) {
      if (isMissingStream(error)) return undefined;
      throw error;
    }
  }

  async function create(): Promise<void> {
    const { config: like } = await manager.streams.info(store);
    const { config } = await manager.streams.add({
      ...promised(bucket),
      name: stream,
      storage: settings.storage ?? like.storage ?? StorageType.File,
      num_replicas: settings.replicas ?? like.num_replicas ?? 1,
      ...(settings.placement !== undefined && { placement: settings.placement }),
      ...(settings.maxBytes !== undefined && { max_bytes: settings.maxBytes }),
      allow_direct: true,
      allow_rollup_hdrs: true,
      deny_delete: true,
      metadata: { 'pipit-inbox': store },
    } as StreamConfig);
    if (config.allow_msg_ttl === true) return;
    const { version = 'of unknown version' } = connection.info ?? {};
    throw new UnsupportedServerError(version, ['stream setting allow_msg_ttl']);
  }

  async function ensureOnce(): Promise<void> {
    const found = await find();
    if (found === undefined) await create();
    else check(stream, promised(bucket), found, ttl);
  }

  for (;;) {
    try {
      await ensureOnce();
      return bucket;
    } catch (error) {
      // A stream that another process creates at this moment, or that has no leader yet.
      const isLasting = error instanceof StreamMismatchError || error instanceof UnsupportedServerError;
      if (isLasting || isMissingStream(error) || performance.now() >= deadline) throw error;
      await delay(pause);
    }
  }
}

function check(stream: string, expected: Partial<StreamConfig>, actual: StreamConfig, ttl: number): void {
  const found = new Map<string, unknown>(Object.entries(actual));
  const differences: StreamDifference[] = Object.entries(expected)
    .map(([setting, value]) => ({ setting, expected: value as unknown, actual: found.get(setting) }))
    .filter((difference) => !isDeepStrictEqual(difference.expected, difference.actual));
  const age = actual.max_age ?? 0;
  // Entries would be forgotten before their time.
  if (age > 0 && age < ttl * 1e6) {
    differences.push({ setting: 'max_age', expected: `0, or at least ${ttl * 1e6}`, actual: age });
  }
  if (differences.length > 0) throw new StreamMismatchError(stream, differences);
}
