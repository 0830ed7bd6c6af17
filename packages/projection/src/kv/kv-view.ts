import type { NatsConnection } from '@nats-io/nats-core';
import type { RowGuard } from '../rows/row-guard.ts';
import type { KvBucketSettings } from './bucket.ts';
import type { Attempt } from './kv-api.ts';

/** One view in NATS KV. */
export interface KvView<Row> {
  readonly name: string;
  /** Where it says which versions there are. Those of the versions begin with it. */
  readonly bucket: string;
  readonly settings: KvBucketSettings;
  readonly connection: NatsConnection;
  readonly guard: RowGuard<Row>;
  readonly attempt: Attempt;
}

export const rowsPrefix = 'rows.';
export const shardKey = (shard: number) => `shards.${shard}`;
export const attendantsKey = 'attendants';
