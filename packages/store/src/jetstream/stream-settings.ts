import { isDeepStrictEqual } from 'node:util';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { type StreamDifference, StreamMismatchError, type SubjectLayout } from '@pipit/types-registry';
import { InvalidArgumentError } from '../invalid-argument.ts';

/** Settings of the stream that are the user's to choose; JetStream's names and units (ages in nanoseconds). */
export type StreamSettings = Partial<Omit<StreamConfig, (typeof reserved)[number]>>;

/** Settings that are not the user's: the guarantees, and what would take events away or put others in. */
const reserved = [
  'name',
  'subjects',
  'retention',
  'discard',
  'discard_new_per_subject',
  'max_msgs_per_subject',
  'deny_delete',
  'deny_purge',
  'allow_direct',
  'allow_atomic',
  'allow_rollup_hdrs',
  'allow_msg_schedules',
  'no_ack',
  'sealed',
  'mirror',
  'sources',
  'subject_transform',
] as const satisfies readonly (keyof StreamConfig)[];

/** Of those, what a stream that is there must do without: it would keep, take or put in events that no guard knows of. */
const forbidden = [
  'discard_new_per_subject',
  'allow_rollup_hdrs',
  'allow_msg_schedules',
  'no_ack',
  'sealed',
  'mirror',
  'sources',
  'subject_transform',
] as const satisfies readonly (typeof reserved)[number][];

const layoutKey = 'pipit-layout';

/** What Pipit's guarantees stand on, whatever the layout; a stream without it is refused. */
const guarantees = {
  retention: RetentionPolicy.Limits,
  // With a limit set, a full store refuses events instead of dropping its oldest.
  discard: DiscardPolicy.New,
  max_msgs_per_subject: -1,
  deny_delete: true,
  deny_purge: true,
  allow_direct: true,
  allow_atomic: true,
} as const satisfies Partial<StreamConfig>;

export function guaranteed(store: string, layout: SubjectLayout): Partial<StreamConfig> {
  return { subjects: [layout.streamSubject(store)], ...guarantees };
}

/** @throws InvalidArgumentError for settings that are Pipit's to choose, however they got past the compiler */
export function checkSettings(settings: StreamSettings): void {
  const taken = reserved.filter((setting) => Object.hasOwn(settings, setting));
  if (taken.length > 0)
    throw new InvalidArgumentError('stream', `sets ${taken.join(', ')}, which the store decides itself`);
}

export function configOf(
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
): Partial<StreamConfig> {
  const metadata = { ...settings.metadata, [layoutKey]: layout.name };
  return {
    storage: StorageType.File,
    num_replicas: 1,
    ...settings,
    ...guaranteed(store, layout),
    name: store,
    metadata,
  };
}

/**
 * How a stream differs from the settings asked for, where no promise depends on it.
 *
 * @throws StreamMismatchError where one does
 */
export function compare(
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
  actual: StreamConfig,
): StreamDifference[] {
  const serious = [...differences(guaranteed(store, layout), actual), ...present(actual)];
  const kept = actual.metadata?.[layoutKey];
  if (kept !== layout.name)
    serious.push({ setting: `metadata.${layoutKey}`, expected: layout.name, actual: kept });
  if (serious.length > 0) throw new StreamMismatchError(store, serious);
  const { metadata, ...plain } = settings;
  const wanted = Object.entries(metadata ?? {}).filter(([key, value]) => actual.metadata?.[key] !== value);
  return [
    ...differences(plain, actual),
    ...wanted.map(([key, value]) => ({
      setting: `metadata.${key}`,
      expected: value,
      actual: actual.metadata?.[key],
    })),
  ];
}

/** The server leaves out what is not set, or says that it is off. */
function present(actual: StreamConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  return forbidden
    .map((setting) => ({ setting, expected: undefined, actual: found.get(setting) }))
    .filter((one) => one.actual !== undefined && one.actual !== false && one.actual !== null);
}

export function differences(expected: Partial<StreamConfig>, actual: StreamConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(expected)
    .map(([setting, value]) => ({ setting, expected: value as unknown, actual: found.get(setting) }))
    .filter((difference) => !isDeepStrictEqual(difference.expected, difference.actual));
}
