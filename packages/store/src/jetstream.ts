import type { NatsConnection } from '@nats-io/nats-core';
import {
  type LayoutName,
  requireStoreName,
  type StreamDifference,
  subjectLayouts,
} from '@pipit/types-registry';
import type { Aggregate } from './aggregate.ts';
import { createEventStore, type EventStoreOptions } from './create-event-store.ts';
import type { EventStore } from './event-store.ts';
import { InvalidArgumentError } from './invalid-argument.ts';
import { type JetStreamPrefix, openApi } from './jetstream/api.ts';
import { checkServer } from './jetstream/check-server.ts';
import { ensureStream } from './jetstream/ensure-stream.ts';
import { jetStreamLog } from './jetstream/jetstream-log.ts';
import { kvSnapshots, type SnapshotBucketSettings } from './jetstream/kv-snapshots.ts';
import { checkSettings, type StreamSettings } from './jetstream/stream-settings.ts';

export type { SnapshotBucketSettings } from './jetstream/kv-snapshots.ts';
export type { StreamSettings } from './jetstream/stream-settings.ts';

export interface JetStreamStoreOptions<A extends Aggregate = Aggregate>
  extends EventStoreOptions<A>,
    JetStreamPrefix {
  /** Yours: the store neither opens nor closes it. It should reconnect without end (`maxReconnectAttempts: -1`). */
  readonly connection: NatsConnection;
  /** The name of the store and of its stream: letters, digits, `-` and `_`. */
  readonly name: string;
  /** How events lie on subjects; kept with the stream, so it is chosen once. Default: `aggregate`. */
  readonly layout?: LayoutName;
  /** Settings of the stream, used when it is created: replicas, storage, limits, placement … */
  readonly stream?: StreamSettings;
  /** Settings of the bucket `<name>_snapshots`, used when it is created. Default: replicas and storage of the stream. */
  readonly snapshotBucket?: SnapshotBucketSettings;
  /** Told where a stream that exists is not as `stream` asks. Nothing is changed. Default: a process warning. */
  readonly onDrift?: (differences: readonly StreamDifference[]) => void;
}

/**
 * Opens an event store on JetStream. Its stream is created where there is none, and checked where there is.
 *
 * @throws UnsupportedServerError for a server older than 2.12; ConnectionError where JetStream is off or does not
 * answer; StreamMismatchError where the stream has settings that Pipit's promises cannot stand on;
 * StreamRefusedError where the server does not create it; InvalidSubjectTokenError for a name that no stream can have; InvalidRegistryError
 */
export async function jetStreamStore<A extends Aggregate>(
  options: JetStreamStoreOptions<A>,
): Promise<EventStore<A>> {
  const {
    connection,
    name,
    layout: layoutName = 'aggregate',
    stream = {},
    snapshotBucket,
    onDrift = warn,
    ...rest
  } = options;
  if (typeof connection?.getServer !== 'function')
    throw new InvalidArgumentError(
      'connection',
      'is none: give what connect(…) of @nats-io/transport-node leads to, awaited',
    );
  requireStoreName(name);
  checkSettings(stream);
  if (!Object.hasOwn(subjectLayouts, layoutName)) {
    throw new InvalidArgumentError(
      'layout',
      `must be 'aggregate' or 'event', not ${JSON.stringify(layoutName)}`,
    );
  }
  const layout = subjectLayouts[layoutName];
  const api = await openApi(connection, rest);
  await checkServer(api);
  const { config, drift } = await ensureStream(api, name, layout, stream);
  if (drift.length > 0) onDrift(drift);
  const bucket = { replicas: config.num_replicas, storage: config.storage, ...snapshotBucket };
  return createEventStore(await jetStreamLog(api, name, layout), {
    snapshotStore: kvSnapshots(api, name, bucket),
    ...rest,
  });

  function warn(differences: readonly StreamDifference[]): void {
    const list = differences.map(
      ({ setting, expected, actual }) => `${setting} is ${String(actual)}, not ${String(expected)}`,
    );
    process.emitWarning(`Stream ${name} is not as asked and was left as it is: ${list.join('; ')}`, {
      code: 'PIPIT_DRIFT',
    });
  }
}
