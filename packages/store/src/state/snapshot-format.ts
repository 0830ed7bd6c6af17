import {
  type Catalog,
  type EncodedPayload,
  json,
  lostInRoundTrip,
  PipitError,
  type StateDefinition,
} from '@pipit/types-registry';

/** A state, and the event that made it what it is. */
export interface KnownState {
  readonly state: unknown;
  readonly revision: number;
  readonly position: number;
  /** The id of the event at `position`, by which a state of another stream of the same name is told. */
  readonly eventId: string;
}

/** Bytes that are no snapshot of this version of Pipit. */
class MalformedSnapshotError extends PipitError {
  readonly code = 'MALFORMED_SNAPSHOT';
}

/** A state that its schema does not let through as it is. */
class ChangedStateError extends PipitError {
  readonly code = 'CHANGED_STATE';
}

/**
 * The form of a snapshot: one JSON object, with the state in it where its codec is JSON, and in base64 where it is not.
 *
 * @throws InvalidPayloadError, ChangedStateError where the state would not come back as it was
 */
export function writeSnapshot(states: Catalog<StateDefinition>, known: KnownState): Uint8Array {
  const { revision, position, eventId } = known;
  const encoded = states.encode(states.types[0] ?? '', known.state as never);
  const { bytes, contentType, schemaVersion } = encoded;
  const lost = lostInRoundTrip(known.state, encoded.data);
  if (lost !== undefined)
    throw new ChangedStateError(`Its schema changes the state: ${lost.path.join('.')} ${lost.message}.`);
  const state = contentType === json.contentType ? json.decode(bytes) : Buffer.from(bytes).toString('base64');
  return json.encode({ format, revision, position, eventId, contentType, schemaVersion, state });
}

const format = 'pipit-snapshot-1';

/** @throws MalformedSnapshotError, or what the state's schema refuses */
export function readSnapshot(states: Catalog<StateDefinition>, bytes: Uint8Array): KnownState {
  const { revision, position, eventId, contentType, schemaVersion, state, ...rest } = parse(bytes);
  const complete =
    rest['format'] === format &&
    isNumber(revision) &&
    isNumber(position) &&
    isNumber(schemaVersion) &&
    typeof eventId === 'string' &&
    typeof contentType === 'string';
  if (!complete) throw new MalformedSnapshotError('It is not a snapshot that this version of Pipit writes.');
  const payload: EncodedPayload = {
    contentType,
    schemaVersion,
    bytes: contentType === json.contentType ? json.encode(state) : Buffer.from(String(state), 'base64'),
  };
  return { state: states.decode(states.types[0] ?? '', payload), revision, position, eventId };
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const found: unknown = json.decode(bytes);
  if (typeof found === 'object' && found !== null) return found as Readonly<Record<string, unknown>>;
  throw new MalformedSnapshotError('It is not a JSON object.');
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
