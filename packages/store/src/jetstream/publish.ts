import { errors, headers, type MsgHdrs, type NatsConnection, nuid } from '@nats-io/nats-core';
import {
  type AggregateRef,
  type EventDraft,
  eventHeaders,
  type Header,
  PayloadTooLargeError,
  revisionHeader,
  type SubjectLayout,
} from '@pipit/types-registry';
import { AppendRejectedError } from '../store-errors.ts';
import type { Link } from './link.ts';
import type { Tail } from './tail.ts';

/** What became of a guarded publish. Refusals that would not change on a second try are thrown instead. */
export type PublishOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'try-again'; readonly cause: unknown }
  | { readonly kind: 'incomplete'; readonly cause: AppendRejectedError }
  | { readonly kind: 'in-doubt'; readonly cause: unknown };

interface PublishAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

interface OutgoingMessage {
  readonly subject: string;
  readonly headers: Header[];
  readonly body: Uint8Array;
}

// JetStream API error codes, nats-server's server/errors.json.
const wrongLastSequence = new Set([10071, 10164]);
// 10158: the server is still at work on a message with this id, perhaps on our own earlier try.
const passing = new Set([10008, 10118, 10158, 10163, 10210]);
const duplicateInBatch = 10201;
const batchIncomplete = 10176;
const messageTooLarge = 10054;

/**
 * Publishes the drafts behind a tail: one as a single message, several as one atomic batch (ADR-50), sent in one round
 * trip with raw headers. The guard holds for the aggregate as a whole.
 */
export async function publishGuarded(
  connection: NatsConnection,
  link: Link,
  store: string,
  layout: SubjectLayout,
  request: { readonly aggregate: AggregateRef; readonly drafts: readonly EventDraft[] },
  tail: Tail,
  timeout: number,
): Promise<PublishOutcome> {
  const { aggregate, drafts } = request;
  const messages = drafts.map(
    (draft, index): OutgoingMessage => ({
      subject: layout.subject(store, aggregate, draft.type),
      headers: [...eventHeaders(store, draft), [revisionHeader, String(tail.revision + 1 + index)]],
      body: draft.payload.bytes,
    }),
  );
  guard(messages, layout, layout.aggregateFilter(store, aggregate), tail);
  if (messages.length > 1) numberBatch(messages);
  const limit = connection.info?.max_payload ?? Infinity;
  const sizes = messages.map(sizeOf);
  for (const [index, size] of sizes.entries()) {
    if (size > limit) throw new PayloadTooLargeError(drafts[index]?.type ?? '', size, limit);
  }
  const last = messages.pop();
  if (last === undefined) throw new RangeError('there is nothing to publish');
  let ack: PublishAck;
  try {
    for (const { subject, body, headers: fields } of messages)
      connection.publish(subject, body, { headers: toHeaders(fields) });
    const answering = connection.request(last.subject, last.body, {
      headers: toHeaders(last.headers),
      timeout,
    });
    const answer = await link.whileUp(answering, Date.now() + timeout);
    ack = answer.json<PublishAck>();
  } catch (error) {
    return outcomeOfFailure(aggregate, error);
  }
  return outcomeOf(aggregate, sizes, ack);
}

/**
 * A literal guard stands on the first message only: it cannot hold again once the batch has written the subject. A
 * filter guard is checked against the state before the batch, so every message repeats it in the same words.
 */
function guard(
  messages: readonly OutgoingMessage[],
  layout: SubjectLayout,
  filter: string,
  tail: Tail,
): void {
  for (const { headers: fields } of layout.name === 'aggregate' ? messages.slice(0, 1) : messages) {
    fields.push(['Nats-Expected-Last-Subject-Sequence', String(tail.sequence)]);
    if (layout.name === 'event') fields.push(['Nats-Expected-Last-Subject-Sequence-Subject', filter]);
  }
}

function numberBatch(messages: readonly OutgoingMessage[]): void {
  const batch = nuid.next();
  for (const [index, { headers: fields }] of messages.entries()) {
    fields.push(['Nats-Batch-Id', batch], ['Nats-Batch-Sequence', String(index + 1)]);
    if (index === messages.length - 1) fields.push(['Nats-Batch-Commit', '1']);
  }
}

function toHeaders(fields: readonly Header[]): MsgHdrs {
  const result = headers();
  for (const [name, value] of fields) result.append(name, value);
  return result;
}

/** The size the server counts against `max_payload`: the header block (`NATS/1.0`, fields, blank line) and the body. */
function sizeOf({ headers: fields, body }: OutgoingMessage): number {
  return fields.reduce((size, [name, value]) => size + name.length + value.length + 4, 12) + body.byteLength;
}

function outcomeOf(aggregate: AggregateRef, sizes: readonly number[], ack: PublishAck): PublishOutcome {
  const { error, seq, duplicate } = ack;
  if (error === undefined && seq !== undefined) {
    return duplicate === true ? { kind: 'duplicate' } : { kind: 'stored', sequence: seq };
  }
  const code = error?.err_code ?? 0;
  if (wrongLastSequence.has(code)) return { kind: 'refused' };
  if (code === duplicateInBatch) return { kind: 'duplicate' };
  const description = error?.description ?? 'the answer is not one of JetStream';
  const rejected = new AppendRejectedError(aggregate, code, description);
  if (passing.has(code)) return { kind: 'try-again', cause: rejected };
  if (code === batchIncomplete) return { kind: 'incomplete', cause: rejected };
  // An answer without JetStream's own code comes from the replication below it, which may still store the message.
  if (code === 0) return { kind: 'in-doubt', cause: rejected };
  if (code === messageTooLarge) return { kind: 'too-large', size: Math.max(...sizes) };
  throw rejected;
}

function outcomeOfFailure(aggregate: AggregateRef, error: unknown): PublishOutcome {
  const reasons = error instanceof Error ? [error, error.cause] : [error];
  const forbidden = reasons.find((reason) => reason instanceof errors.PermissionViolationError);
  if (forbidden !== undefined) throw new AppendRejectedError(aggregate, 403, forbidden.message);
  // Nobody listens to the subject: the stream has no leader just now, or the server is starting.
  if (reasons.some(isNoResponders)) return { kind: 'try-again', cause: error };
  // A timeout, a lost connection, or something unheard of: the messages may have arrived.
  return { kind: 'in-doubt', cause: error };
}

function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof errors.RequestError && error.isNoResponders();
}
