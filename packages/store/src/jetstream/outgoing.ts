import { nuid } from '@nats-io/nats-core';
import { type EventDraft, eventHeaders, revisionHeader, type SubjectLayout } from '@pipit/types-registry';
import type { AppendPart, AppendRequest } from '../event-log.ts';
import type { Tail } from './tail.ts';

/** An event as it will be published, but for what depends on where its aggregate ends. */
export interface PreparedEvent {
  readonly type: string;
  readonly subject: string;
  /** Lines of a header block. All ASCII: header values are percent-encoded. */
  readonly fields: string;
  readonly body: Uint8Array;
}

/** An append, made ready once for all its tries. */
export interface PreparedAppend extends AppendRequest {
  readonly parts: readonly [PreparedPart, ...PreparedPart[]];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface PreparedPart extends AppendPart {
  /** The aggregate's filter: the one spelling that all guards of it use, and the key it is known by. */
  readonly filter: string;
  readonly events: readonly PreparedEvent[];
}

export interface OutgoingMessage {
  /** The type of the event, for errors. */
  readonly type: string;
  readonly subject: string;
  readonly headers: Buffer;
  readonly body: Uint8Array;
}

/** @throws InvalidEventError, InvalidSubjectTokenError */
export function prepare(store: string, layout: SubjectLayout, request: AppendRequest): PreparedAppend {
  const { parts, mayRepeat, timeout } = request;
  const prepared = parts.map((part) => preparePart(store, layout, part));
  return {
    parts: prepared as unknown as PreparedAppend['parts'],
    mayRepeat,
    timeout,
    deadline: Date.now() + timeout,
  };
}

function preparePart(store: string, layout: SubjectLayout, part: AppendPart): PreparedPart {
  const { aggregate, expected, drafts } = part;
  const filter = layout.aggregateFilter(store, aggregate);
  const events = drafts.map(
    (draft): PreparedEvent => ({
      type: draft.type,
      subject: layout.name === 'aggregate' ? filter : layout.subject(store, aggregate, draft.type),
      fields: fieldsOf(store, draft),
      body: draft.payload.bytes,
    }),
  );
  return { aggregate, expected, drafts, filter, events };
}

function fieldsOf(store: string, draft: EventDraft): string {
  let fields = 'NATS/1.0\r\n';
  for (const [name, value] of eventHeaders(store, draft)) fields += `${name}: ${value}\r\n`;
  return fields;
}

/**
 * The messages of an append behind the tails of its aggregates; several as one atomic batch (ADR-50).
 *
 * A literal guard stands on the first message of its aggregate only: it cannot hold again once the batch has written the
 * subject. A filter guard is checked against the state before the batch, so every message repeats it in the same words.
 *
 * @param tails one for each part
 */
export function outgoing(
  layout: SubjectLayout,
  parts: readonly PreparedPart[],
  tails: readonly Tail[],
): OutgoingMessage[] {
  const count = parts.reduce((sum, { events }) => sum + events.length, 0);
  const batch = count > 1 ? nuid.next() : '';
  const messages: OutgoingMessage[] = [];
  for (const [index, { events, filter }] of parts.entries()) {
    const tail = tails[index] as Tail;
    for (const [offset, { type, subject, fields, body }] of events.entries()) {
      let block = `${fields}${revisionHeader}: ${tail.revision + 1 + offset}\r\n`;
      if (offset === 0 || layout.name === 'event') block += guard(layout, filter, tail);
      if (count > 1) block += numbered(batch, messages.length + 1, count);
      messages.push({ type, subject, headers: Buffer.from(`${block}\r\n`, 'latin1'), body });
    }
  }
  return messages;
}

function guard({ name }: SubjectLayout, filter: string, { sequence }: Tail): string {
  const sequenceGuard = `Nats-Expected-Last-Subject-Sequence: ${sequence}\r\n`;
  if (name === 'aggregate') return sequenceGuard;
  return `${sequenceGuard}Nats-Expected-Last-Subject-Sequence-Subject: ${filter}\r\n`;
}

function numbered(batch: string, number: number, count: number): string {
  const place = `Nats-Batch-Id: ${batch}\r\nNats-Batch-Sequence: ${number}\r\n`;
  return number === count ? `${place}Nats-Batch-Commit: 1\r\n` : place;
}
