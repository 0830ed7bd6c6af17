import { json } from './codec.ts';
import { InvalidEventError } from './envelope-errors.ts';
import type { Metadata } from './event.ts';
import { encodeText, type Header, metadataHeaders } from './metadata.ts';
import type { EncodedPayload } from './payload.ts';
import { formatTime } from './timestamp.ts';
import { isTraceparent } from './trace.ts';

/** An event on its way into a log: all of it but its place there. */
export interface EventDraft {
  readonly id: string;
  readonly type: string;
  readonly time: Date;
  readonly payload: EncodedPayload;
  readonly metadata: Metadata;
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** The header by which a JetStream server drops a message it has seen. */
export const messageIdHeader = 'Nats-Msg-Id';
/** Written last, because only the log knows it. */
export const revisionHeader = 'ce-revision';

/**
 * The headers of an event, CloudEvents 1.0, NATS binding, binary mode, except the revision: that is known only when
 * the event is written. What has its default value is left out. The body is the payload's bytes.
 *
 * @throws InvalidEventError for an id, time, traceparent or metadata that no header can carry.
 */
export function eventHeaders(store: string, draft: EventDraft): Header[] {
  const { id, payload, correlationId, causationId, traceparent } = draft;
  const encodedId = encodeName('id', id);
  const headers: Header[] = [
    [messageIdHeader, encodedId],
    ['ce-id', encodedId],
    ['ce-specversion', '1.0'],
    ['ce-source', encodeText('store name', `/${store}`)],
    ['ce-type', encodeName('type', draft.type)],
    ['ce-time', formatTime(draft.time)],
  ];
  if (payload.contentType !== json.contentType) {
    headers.push(['ce-datacontenttype', encodeName('content type', payload.contentType)]);
  }
  if (payload.schemaVersion !== 1) headers.push(['ce-schemaversion', String(payload.schemaVersion)]);
  if (correlationId !== undefined) {
    headers.push(['ce-correlationid', encodeName('correlation id', correlationId)]);
  }
  if (causationId !== undefined) headers.push(['ce-causationid', encodeName('causation id', causationId)]);
  if (traceparent !== undefined) headers.push(['traceparent', requireTraceparent(traceparent)]);
  headers.push(...metadataHeaders(draft.metadata));
  return headers;
}

/** An empty header is read as an absent one. */
function encodeName(field: string, value: string): string {
  if (value === '') throw new InvalidEventError(field, 'is empty');
  return encodeText(field, value);
}

/** What comes from outside goes through `withTrace`, which drops a malformed one; one set by hand is a mistake. */
function requireTraceparent(value: string): string {
  if (isTraceparent(value)) return value;
  throw new InvalidEventError(
    'traceparent',
    `is not one of W3C Trace Context: ${JSON.stringify(value)}. Leave it out to have it filled in`,
  );
}
