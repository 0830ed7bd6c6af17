import type { NatsConnection } from '@nats-io/nats-core';
import type { ZodType } from 'zod';
import type { Repository } from '../repository.ts';
import { InvalidRepositoryError } from '../repository-errors.ts';
import { rowGuard } from '../rows/row-guard.ts';
import type { KvBucketSettings } from './bucket.ts';
import { attempts, type JetStreamPrefix } from './kv-api.ts';
import type { KvView } from './kv-view.ts';
import { readRows } from './read-rows.ts';
import { saveRows } from './save-rows.ts';
import { kvVersions } from './versions.ts';

export type { KvBucketSettings } from './bucket.ts';

export interface KvRepositoryOptions<Row> extends KvBucketSettings, JetStreamPrefix {
  readonly connection: NatsConnection;
  /** Of the view. */
  readonly name: string;
  /** What every row has to fit, when it is written and when it is read. What it returns, it has to take as well. */
  readonly row: ZodType<Row>;
  /**
   * What the names of the view's buckets begin with: up to 128 letters, digits, `-` and `_`. Default: `view_<name>`, which
   * the name has to be fit for.
   */
  readonly bucket?: string;
  /** Milliseconds that a call tries again where the server does not answer. Default: 5,000. */
  readonly timeout?: number;
}

/**
 * Rows in NATS KV, on nats-server 2.12 or newer. The bucket `<bucket>` says which versions there are; each version has a
 * bucket of its own, deleted with it, where rows lie under `rows.<key>` as JSON with their position and times. Buckets are
 * made by who writes first.
 *
 * Up to 999 rows, or 8 MB, and the checkpoint are written in one transaction, an atomic batch that the server refuses once
 * another has claimed the shard; more rows are several of these, the checkpoint with the last. Reads are answered by the
 * leaders of the buckets, so they show what has been written before. `find` and `page` read all rows of the view, each as
 * it is at some moment of the call. A deleted row leaves its key and position until its version is dropped.
 *
 * @throws InvalidRepositoryError; from calls RepositoryError, RowTooLargeError, and UnsupportedServerError where the
 * server is too old
 */
export function kvRepository<Row>(options: KvRepositoryOptions<Row>): Repository<Row> {
  const { connection, name, row, bucket = `view_${name}`, timeout = 5_000 } = options;
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(bucket)) {
    const reason = `${JSON.stringify(bucket)} cannot be what the names of its buckets begin with: give a \`bucket\` of 1 to 128 letters, digits, - and _`;
    throw new InvalidRepositoryError(name, reason);
  }
  const view: KvView<Row> = {
    name,
    bucket,
    settings: options,
    connection,
    guard: rowGuard(name, row),
    attempt: attempts(name, connection, options, timeout),
  };
  return { name, versions: kvVersions(view), ...readRows(view), ...saveRows(view) };
}
