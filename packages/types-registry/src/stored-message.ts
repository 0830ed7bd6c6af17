import type { Catalog } from './catalog.ts';
import { json, mediaType } from './codec.ts';
import type { EventDefinition, EventOf } from './define-event.ts';
import { type Envelope, parseCount, parseTime } from './envelope.ts';
import { MalformedEnvelopeError, UnreadableEventError } from './envelope-errors.ts';
import type { AggregateRef, JsonValue, Metadata } from './event.ts';
import { revisionHeader } from './event-message.ts';
import { decodeHeaderValue } from './header-value.ts';
import { isExtension, metadataHeader, parseMetadataHeader } from './metadata.ts';
import { parseStructured } from './structured-mode.ts';

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
  headerNames(): readonly string[];
  readonly body: Uint8Array;
}

const structuredType = 'application/cloudevents+json';

/**
 * Reads a stored event of either CloudEvents mode.
 *
 * @throws UnreadableEventError naming stream, position and type, with the reason as its cause.
 */
export function decodeEvent<D extends EventDefinition>(
  events: Catalog<D>,
  message: StoredMessage,
): EventOf<D> {
  let type: string | undefined;
  try {
    const envelope = readEnvelope(message);
    type = envelope.type;
    const { payload, id, correlationId, ...rest } = envelope;
    const event = {
      ...rest,
      id,
      correlationId: correlationId ?? id,
      aggregate: message.aggregate,
      schemaVersion: payload.schemaVersion,
      data: events.decode(type as D['type'], payload),
      store: message.store,
      position: message.position,
    };
    return event as unknown as EventOf<D>;
  } catch (cause) {
    throw new UnreadableEventError({ stream: message.store, position: message.position, type, cause });
  }
}

/** The type of a stored event without reading the rest, to pass over what nobody asked for. */
export function eventTypeOf(message: StoredMessage): string {
  const type = message.header('ce-type');
  return type === undefined ? readEnvelope(message).type : decodeHeaderValue('type', type);
}

/** @throws MalformedEnvelopeError */
export function readEnvelope(message: StoredMessage): Envelope {
  const contentType = message.header('Content-Type') ?? message.header('content-type');
  const structured = contentType !== undefined && mediaType(contentType) === structuredType;
  return structured ? parseStructured(message.body, message.storedAt) : readBinary(message);
}

function readBinary(message: StoredMessage): Envelope {
  const optional = (attribute: string, header = `ce-${attribute}`): string | undefined => {
    const value = message.header(header);
    return value === undefined || value === '' ? undefined : decodeHeaderValue(attribute, value);
  };
  const required = (attribute: string): string => {
    const value = optional(attribute);
    if (value === undefined)
      throw new MalformedEnvelopeError(attribute, `is missing: there is no header ce-${attribute}`);
    return value;
  };
  if (required('specversion') !== '1.0') throw new MalformedEnvelopeError('specversion', 'is not 1.0');
  return {
    id: required('id'),
    type: required('type'),
    revision: parseCount('revision', message.header(revisionHeader)),
    time: parseTime(required('time')),
    payload: {
      contentType: optional('datacontenttype') ?? json.contentType,
      schemaVersion: parseCount('schemaversion', message.header('ce-schemaversion') ?? '1'),
      bytes: message.body,
    },
    metadata: readMetadata(message),
    correlationId: optional('correlationid'),
    causationId: optional('causationid'),
    traceparent: optional('traceparent', 'traceparent'),
  };
}

function readMetadata(message: StoredMessage): Metadata {
  const entries: [string, JsonValue][] = [];
  for (const name of message.headerNames()) {
    if (name === metadataHeader) entries.push(...parseMetadataHeader(message.header(name) ?? ''));
    else if (name.startsWith('ce-') && isExtension(name.slice(3))) {
      entries.push([name.slice(3), decodeHeaderValue(name, message.header(name) ?? '')]);
    }
  }
  return Object.fromEntries(entries);
}
