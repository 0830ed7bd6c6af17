import type { StreamConfig } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { encodeToken } from '@pipit/types-registry';
import pRetry from 'p-retry';
import type { SnapshotKey, SnapshotStore } from '../state/snapshot-store.ts';
import type { JetStreamApi } from './api.ts';
import { isNoResponders } from './no-responders.ts';
import { isStreamNotFound } from './stream-not-found.ts';

/** Settings of the bucket of snapshots, used when it is created. */
export interface SnapshotBucketSettings {
  /** Milliseconds after which a snapshot is dropped. Default: never. */
  readonly ttl?: number;
  readonly maxBytes?: number;
  /** Default: as the store's stream. */
  readonly replicas?: number;
  /** Default: as the store's stream. */
  readonly storage?: NonNullable<StreamConfig['storage']>;
  readonly placement?: NonNullable<StreamConfig['placement']>;
}

/**
 * Snapshots in the NATS key-value bucket `<store>_snapshots`, under `<aggregateType>.<aggregateId>.<version>`. The
 * bucket is created when the first snapshot is saved.
 */
export function kvSnapshots(
  { client }: JetStreamApi,
  store: string,
  { maxBytes, ...settings }: SnapshotBucketSettings,
): SnapshotStore {
  const name = `${store}_snapshots`;
  let bucket: Promise<KV> | undefined;

  async function open(create: boolean): Promise<KV> {
    // Only who takes snapshots needs the package.
    const { Kvm } = await import('@nats-io/kv');
    const buckets = new Kvm(client);
    if (!create) return buckets.open(name, { allow_direct: true });
    const limit = maxBytes === undefined ? {} : { max_bytes: maxBytes };
    await buckets.create(name, { ...settings, ...limit, history: 1 });
    return buckets.open(name, { allow_direct: true });
  }

  /** A bucket that could not be opened or created is tried again by who needs it next. */
  function use(opening: Promise<KV>): Promise<KV> {
    const forget = () => {
      if (bucket === opening) bucket = undefined;
    };
    bucket = opening;
    opening.catch(forget);
    return opening;
  }

  return {
    async save(key, bytes) {
      try {
        await (await (bucket ?? use(open(false)))).put(nameOf(key), bytes);
      } catch (error) {
        if (!isMissing(error)) throw error;
        const created = use(open(true));
        // On several servers it takes a moment until the new bucket has a leader.
        const put = async () => (await created).put(nameOf(key), bytes);
        await pRetry(put, {
          retries: 5,
          minTimeout: 50,
          shouldRetry: ({ error: again }) => isMissing(again),
        });
      }
    },
    async load(key) {
      try {
        const entry = await (await (bucket ?? use(open(false)))).get(nameOf(key));
        return entry === null || entry.operation !== 'PUT' ? undefined : entry.value;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

/** There is no such bucket: nobody listens to its subjects. */
function isMissing(error: unknown): boolean {
  return isStreamNotFound(error) || isNoResponders(error);
}

function nameOf({ aggregate: { type, id }, version }: SnapshotKey): string {
  return `${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}.${version}`;
}
