import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import {
  ConnectionError,
  type Logger,
  type StreamDifference,
  StreamMismatchError,
  UnsupportedServerError,
} from '@pipit/types-registry';
import { isDisabled } from '../is-disabled.ts';

export interface OperationsStream {
  readonly name: string;
  /** The store whose operations it holds; replicas and storage are as its stream's where nothing else is asked for. */
  readonly store: string;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly replicas: number | undefined;
}

const formatKey = 'pipit-operations';
const format = '1';
const nameInUse = 10058;

/** What reading and writing stand on; a stream without it is refused. */
function promised(name: string) {
  return {
    subjects: [`${name}.>`],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    // The index of operations has one subject for many.
    max_msgs_per_subject: -1,
    allow_direct: true,
  } as const satisfies Partial<StreamConfig>;
}

/**
 * Creates the stream, or checks the one that is there and leaves it as it is. Deleting and purging stay allowed:
 * inputs may have to be erased.
 *
 * @throws StreamMismatchError; UnsupportedServerError; ConnectionError where JetStream is off; the client's error
 */
export async function ensureOperationsStream(
  manager: JetStreamManager,
  stream: OperationsStream,
  servers: readonly string[],
  logger: Logger,
): Promise<void> {
  const { name, store, maxAge } = stream;
  const found = await findStream(manager, name, servers);
  if (found !== undefined) return check(stream, found.config, logger);
  const beside = await findStream(manager, store, servers);
  try {
    const { config } = await manager.streams.add({
      ...promised(name),
      name,
      storage: beside?.config.storage ?? StorageType.File,
      num_replicas: stream.replicas ?? beside?.config.num_replicas ?? 1,
      max_age: nanos(maxAge),
      metadata: { [formatKey]: format },
    });
    const ignored = differences(name, config);
    if (ignored.length === 0) return;
    throw new UnsupportedServerError(
      'in use',
      ignored.map(({ setting }) => `stream setting ${setting}`),
    );
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === nameInUse)) throw error;
    // Another process has just created it, with settings of its own.
    const created = await findStream(manager, name, servers);
    if (created === undefined) throw error;
    check(stream, created.config, logger);
  }
}

/** `undefined` where there is none. @throws ConnectionError where JetStream is off; the client's error */
export async function findStream(
  manager: JetStreamManager,
  name: string,
  servers: readonly string[],
): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    if (!isDisabled(cause)) throw cause;
    const advice = 'Start it with jetstream enabled (nats-server -js), and enable JetStream for the account.';
    const message = `${servers} answers, but has no JetStream. ${advice}`;
    throw new ConnectionError('jetstream-disabled', servers, message, cause);
  }
}

function check({ name, maxAge, replicas }: OperationsStream, actual: StreamConfig, logger: Logger): void {
  const serious = differences(name, actual);
  if (serious.length > 0) throw new StreamMismatchError(name, serious);
  const drift: StreamDifference[] = [];
  if (actual.max_age !== nanos(maxAge))
    drift.push({ setting: 'max_age', expected: nanos(maxAge), actual: actual.max_age });
  if (replicas !== undefined && actual.num_replicas !== replicas)
    drift.push({ setting: 'num_replicas', expected: replicas, actual: actual.num_replicas });
  if (drift.length === 0) return;
  const list = drift.map(({ setting, expected, actual: is }) => `${setting} is ${is}, not ${expected}`);
  logger.warn(
    { stream: name, differences: drift },
    `Stream ${name} is not as asked and was left as it is: ${list.join('; ')}`,
  );
}

function differences(name: string, actual: StreamConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  const settings: StreamDifference[] = Object.entries(promised(name)).map(([setting, expected]) => ({
    setting,
    expected,
    actual: found.get(setting),
  }));
  const kept = actual.metadata?.[formatKey];
  settings.push({ setting: `metadata.${formatKey}`, expected: format, actual: kept });
  return settings.filter((each) => JSON.stringify(each.expected) !== JSON.stringify(each.actual));
}
