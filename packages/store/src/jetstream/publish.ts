import { errors, type Msg } from '@nats-io/nats-core';
import { type AggregateRef, PayloadTooLargeError } from '@pipit/types-registry';
import { AppendRejectedError } from '../store-errors.ts';
import type { OutgoingMessage } from './outgoing.ts';
import { NotSentError, type Requests } from './requests.ts';

/** What became of a guarded publish. Refusals that would not change on a second try are thrown instead. */
export type PublishOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'try-again'; readonly cause: unknown }
  | { readonly kind: 'too-large'; readonly cause: AppendRejectedError }
  | { readonly kind: 'incomplete'; readonly cause: AppendRejectedError }
  | { readonly kind: 'in-doubt'; readonly cause: unknown };

interface PublishAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

// JetStream API error codes, nats-server's server/errors.json.
const wrongLastSequence = new Set([10071, 10164]);
const passing = new Set([10008, 10118, 10163, 10210]);
const idInProcess = 10158;
const duplicateInBatch = 10201;
const batchIncomplete = 10176;
const messageTooLarge = 10054;

/**
 * Publishes the messages of one append in one round trip: a single one, or an atomic batch.
 *
 * @param aggregate the one to name in errors
 * @throws AppendRejectedError
 */
export function publishGuarded(
  requests: Requests,
  aggregate: AggregateRef,
  messages: readonly OutgoingMessage[],
  timeout: number,
): Promise<PublishOutcome> {
  const { subject, body, headers } = messages.at(-1) as OutgoingMessage;
  let early: Promise<Msg> | undefined;
  try {
    early = beginBatch(requests, messages, timeout);
  } catch (error) {
    return Promise.resolve(outcomeOfFailure(aggregate, error));
  }
  const answer = requests.ask(subject, body, timeout, headers);
  return answer.then(
    (message) => {
      const ack = message.json<PublishAck>();
      if (ack.error?.err_code !== batchIncomplete || early === undefined) return outcomeOf(aggregate, ack);
      return early.then(
        (first) => outcomeOf(aggregate, reasonOf(first) ?? ack),
        (error: unknown) => outcomeOfFailure(aggregate, error),
      );
    },
    (error: unknown) => outcomeOfFailure(aggregate, error),
  );
}

/** The server acknowledges the beginning of a batch with an empty answer, or says why it takes none. */
function beginBatch(
  requests: Requests,
  messages: readonly OutgoingMessage[],
  timeout: number,
): Promise<Msg> | undefined {
  let early: Promise<Msg> | undefined;
  for (const { subject, body, headers } of messages.slice(0, -1)) {
    if (early !== undefined) {
      requests.publish(subject, body, headers);
      continue;
    }
    early = requests.ask(subject, body, timeout, headers);
    // What fails with the beginning fails with what follows as well, which may be the very next publish.
    early.catch((error: unknown) => error);
  }
  return early;
}

function reasonOf(answer: Msg): PublishAck | undefined {
  if (answer.data.length === 0) return undefined;
  const ack = answer.json<PublishAck>();
  return ack.error === undefined ? undefined : ack;
}

/** @throws PayloadTooLargeError for the first message that is over the limit */
export function checkSizes(messages: readonly OutgoingMessage[], limit: number): void {
  for (const { type, headers, body } of messages) {
    // As the server counts it against its limits.
    const size = headers.byteLength + body.byteLength;
    if (size > limit) throw new PayloadTooLargeError(type, size, limit);
  }
}

function outcomeOf(aggregate: AggregateRef, ack: PublishAck): PublishOutcome {
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
  if (code === messageTooLarge) return { kind: 'too-large', cause: rejected };
  // The server is still at work on an earlier try, or on the append that this one repeats.
  if (code === idInProcess) return { kind: 'in-doubt', cause: rejected };
  // An answer without JetStream's own code comes from the replication below it, which may still store the message.
  if (code === 0) return { kind: 'in-doubt', cause: rejected };
  throw rejected;
}

function outcomeOfFailure(aggregate: AggregateRef, error: unknown): PublishOutcome {
  if (error instanceof errors.PermissionViolationError)
    throw new AppendRejectedError(aggregate, 403, error.message);
  // Nobody listens to the subject: the stream has no leader just now, or the server is starting.
  if (error instanceof errors.NoRespondersError || error instanceof NotSentError) {
    return { kind: 'try-again', cause: error };
  }
  // A timeout, a lost connection, or something unheard of: the messages may have arrived.
  return { kind: 'in-doubt', cause: error };
}
