import type { EncodedPayload } from './catalog.ts';
import { json } from './codec.ts';
import { InvalidEventError } from './envelope-errors.ts';
import type { Metadata } from './event.ts';
import { encodeText, type Header, metadataHeaders } from './metadata.ts';

/** An event on its way into a log: all of it but its place there. */
export interface EventDraft {
  readonly id: string;
  readonly type: string;
  readonly time: Date;
  readonly payload: EncodedPayload;
  readonly metadata: Metadata;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

/** The header by which a JetStream server drops a message it has seen. */
export const messageIdHeader = 'Nats-Msg-Id';
export const revisionHeader = 'ce-revision';

/**
 * The headers of an event, CloudEvents 1.0, NATS binding, binary mode, except the revision: that is known only when
 * the event is written. What has its default value is left out. The body is the payload's bytes.
 *
 * @throws InvalidEventError for an id, time or metadata that no header can carry.
 */
export function eventHeaders(store: string, draft: EventDraft): Header[] {
  if (draft.id === '') throw new InvalidEventError('id', 'is empty');
  const id = encodeText('id', draft.id);
  const headers: Header[] = [
    [messageIdHeader, id],
    ['ce-id', id],
    ['ce-specversion', '1.0'],
    ['ce-source', `/${store}`],
    ['ce-type', encodeText('type', draft.type)],
    ['ce-time', timestamp(draft.time)],
  ];
  const { contentType, schemaVersion } = draft.payload;
  if (contentType !== json.contentType)
    headers.push(['ce-datacontenttype', encodeText('content type', contentType)]);
  if (schemaVersion !== 1) headers.push(['ce-schemaversion', String(schemaVersion)]);
  if (draft.correlationId !== undefined)
    headers.push(['ce-correlationid', encodeText('correlation id', draft.correlationId)]);
  if (draft.causationId !== undefined)
    headers.push(['ce-causationid', encodeText('causation id', draft.causationId)]);
  if (draft.traceparent !== undefined)
    headers.push(['traceparent', encodeText('traceparent', draft.traceparent)]);
  headers.push(...metadataHeaders(draft.metadata));
  return headers;
}

function timestamp(time: Date): string {
  if (Number.isNaN(time.getTime())) throw new InvalidEventError('time', 'is not a valid date');
  return time.toISOString();
}
