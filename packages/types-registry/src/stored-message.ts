import type { Catalog } from './catalog.ts';
import { json, mediaType } from './codec.ts';
import type { EventDefinition, EventOf } from './define-event.ts';
import { type AttributeName, type Envelope, readAttributes, type UnrevisedEnvelope } from './envelope.ts';
import { MalformedEnvelopeError, UnreadableEventError } from './envelope-errors.ts';
import type { AggregateRef, JsonValue, Metadata } from './event.ts';
import { decodeHeaderValue } from './header-value.ts';
import { isExtension, metadataHeader, parseMetadataHeader } from './metadata.ts';
import { parseStructured, structuredType } from './structured-mode.ts';

/** An event as it lies in a log, before anything of it is decoded. */
export interface StoredMessage {
  /** The name of the stream. */
  readonly store: string;
  readonly position: number;
  readonly aggregate: AggregateRef;
  /** The log's own time of storing, for structured events that bring none. */
  readonly storedAt: Date;
  /** The first value of a header, as it is on the wire; `undefined` where there is none. Names are exact. */
  header(name: string): string | undefined;
  headerNames(): Iterable<string>;
  readonly body: Uint8Array;
}

/**
 * Reads a stored event of either CloudEvents mode.
 *
 * @throws UnreadableEventError naming stream, position and type, with the reason as its cause.
 */
export function decodeEvent<D extends EventDefinition>(
  events: Catalog<D>,
  message: StoredMessage,
): EventOf<D> {
  const { store, position } = message;
  try {
    const envelope = readEnvelope(message);
    const { id, revision, time, payload, metadata, correlationId, causationId, traceparent } = envelope;
    // The definition's own text: a piece of the headers keeps all of them in memory, and is slow to look up by.
    const { type } = events.get(envelope.type as D['type']);
    const event = {
      id,
      type,
      aggregate: message.aggregate,
      revision,
      schemaVersion: payload.schemaVersion,
      time,
      data: events.decode(type, payload),
      metadata,
      correlationId: correlationId ?? id,
      causationId,
      traceparent,
      store,
      position,
    };
    return event as unknown as EventOf<D>;
  } catch (cause) {
    throw new UnreadableEventError({ stream: store, position, type: typeForError(message), cause });
  }
}

/**
 * The type of a stored event without reading the rest, to pass over what nobody asked for.
 *
 * @throws UnreadableEventError where it has none.
 */
export function eventTypeOf(message: StoredMessage): string {
  try {
    const structured = isStructured(contentTypeOf(message));
    const type = structured ? structuredType(message.body) : attributeOf(message, 'type');
    if (type !== undefined) return type;
    throw new MalformedEnvelopeError('type', 'is missing');
  } catch (cause) {
    throw new UnreadableEventError({
      stream: message.store,
      position: message.position,
      type: undefined,
      cause,
    });
  }
}

/** @throws MalformedEnvelopeError */
export function readEnvelope(message: StoredMessage): Envelope {
  return read(message, true);
}

/**
 * Reads an event that belongs to no aggregate: an integration event on a topic. A revision that it may bring is left out.
 *
 * @throws MalformedEnvelopeError
 */
export function readUnrevisedEnvelope(message: StoredMessage): UnrevisedEnvelope {
  const { revision: _, ...envelope } = read(message, false);
  return envelope;
}

function read(message: StoredMessage, isRevised: boolean): Envelope {
  const contentType = contentTypeOf(message);
  return isStructured(contentType)
    ? parseStructured(message.body, () => message.storedAt, isRevised)
    : readBinary(message, contentType, isRevised);
}

function typeForError(message: StoredMessage): string | undefined {
  try {
    return eventTypeOf(message);
  } catch {
    // The cause of the error that is being made says more than this one would.
    return undefined;
  }
}

function isStructured(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const type = mediaType(contentType);
  if (type === 'application/cloudevents+json') return true;
  if (!type.startsWith('application/cloudevents')) return false;
  throw new MalformedEnvelopeError('Content-Type', `is ${type}; only application/cloudevents+json is read`);
}

function contentTypeOf(message: StoredMessage): string | undefined {
  return message.header('Content-Type') ?? message.header('content-type');
}

function readBinary(message: StoredMessage, contentType: string | undefined, isRevised: boolean): Envelope {
  const attributes = readAttributes(
    (name) => attributeOf(message, name),
    () => message.storedAt,
    isRevised,
  );
  // Written out: it runs for every event that is read.
  return {
    id: attributes.id,
    type: attributes.type,
    revision: attributes.revision,
    time: attributes.time,
    correlationId: attributes.correlationId,
    causationId: attributes.causationId,
    traceparent: attributes.traceparent,
    payload: {
      contentType: attributeOf(message, 'datacontenttype') ?? contentType ?? json.contentType,
      schemaVersion: attributes.schemaVersion,
      bytes: message.body,
    },
    metadata: readMetadata(message),
  };
}

// Written out, because a name put together anew is hashed anew, for every header of every event.
const headerOf: Readonly<Record<AttributeName, string>> = {
  specversion: 'ce-specversion',
  id: 'ce-id',
  source: 'ce-source',
  type: 'ce-type',
  time: 'ce-time',
  datacontenttype: 'ce-datacontenttype',
  revision: 'ce-revision',
  schemaversion: 'ce-schemaversion',
  correlationid: 'ce-correlationid',
  causationid: 'ce-causationid',
  traceparent: 'ce-traceparent',
};
const noMetadata: ReadonlySet<string> = new Set(Object.values(headerOf));

/** `traceparent` is a header of its own (W3C), which other producers write as the extension it is as well. */
function attributeOf(message: StoredMessage, name: AttributeName): string | undefined {
  const own = name === 'traceparent' ? message.header(name) : undefined;
  const value = own ?? message.header(headerOf[name]);
  return value === undefined || value === '' ? undefined : decodeHeaderValue(name, value);
}

function readMetadata(message: StoredMessage): Metadata {
  const entries: [string, JsonValue][] = [];
  for (const name of message.headerNames()) {
    if (noMetadata.has(name)) continue;
    if (name === metadataHeader) entries.push(...parseMetadataHeader(message.header(name) ?? ''));
    else if (name.startsWith('ce-') && isExtension(name.slice(3))) {
      entries.push([name.slice(3), decodeHeaderValue(name, message.header(name) ?? '')]);
    }
  }
  return entries.length === 0 ? {} : Object.fromEntries(entries);
}
