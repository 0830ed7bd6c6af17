import { setTimeout as delay } from 'node:timers/promises';
import { errors, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { ConnectionError, PayloadTooLargeError, TimeoutError } from '@pipit/types-registry';
import { StoppedError } from '../../bus-errors.ts';
import { NotSentError, type OutgoingMessage, openAnswers } from './answers.ts';

/** A message with a `Nats-Msg-Id`, so that it may be sent again. */
export interface Publication extends OutgoingMessage {
  /** The type of the event, for errors. */
  readonly type: string;
  /** What does not finish, for errors. */
  readonly operation: string;
  /** The server has refused it, and nothing was stored. */
  refused(errorCode: number, description: string, cause?: unknown): Error;
  /** It may have been stored. */
  inDoubt(cause: unknown): Error;
}

export interface Stored {
  readonly seq: number;
  readonly duplicate: boolean;
}

/** Publishes to JetStream, and again under the same id where an answer got lost, until the time is up. */
export interface Publisher {
  /** @throws PayloadTooLargeError, TimeoutError, ConnectionError, StoppedError, and what the publication makes */
  publish(message: Publication, timeout: number): Promise<Stored>;
  close(): void;
}

interface PublishAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description: string };
}

// JetStream API error codes, nats-server's server/errors.json: no leader yet, still at work on an earlier try …
const passing = new Set([10008, 10118, 10158, 10163]);
/** Milliseconds an answer is waited for at first, and between two tries at first and at most. */
const firstPatience = 2_500;
const firstPause = 25;
const longestPause = 500;

/** @param what is stopped, for errors */
export function openPublisher(connection: NatsConnection, what: string): Publisher {
  const answers = openAnswers(connection);
  let closed = false;

  async function publish(message: Publication, timeout: number): Promise<Stored> {
    if (closed) throw new StoppedError(what);
    checkSize(message, connection.info?.max_payload);
    const deadline = Date.now() + timeout;
    let doubt: unknown;
    let failure: unknown;
    for (let attempt = 0; ; attempt += 1) {
      if (!answers.up) await answers.restored(deadline);
      const left = deadline - Date.now();
      if (closed || left <= 0 || !answers.up) break;
      const patience = Math.min(left, firstPatience * 2 ** attempt);
      const outcome = await answers.ask(message, patience).then(outcomeOf, outcomeOfFailure);
      if (outcome.kind === 'stored') return outcome;
      failure = outcome.cause;
      // After a try whose answer got lost, a refusal says nothing of that one.
      if (outcome.kind === 'refused' && doubt === undefined)
        throw message.refused(outcome.errorCode, outcome.description, outcome.cause);
      if (outcome.kind === 'refused') break;
      if (outcome.kind === 'in-doubt') doubt = failure;
      await delay(Math.max(0, Math.min(firstPause * 2 ** attempt, longestPause, deadline - Date.now())));
    }
    if (doubt !== undefined) throw message.inDoubt(doubt);
    throw notSent(message, timeout, failure);
  }

  function notSent({ operation }: Publication, timeout: number, cause: unknown): Error {
    if (closed) return new StoppedError(what);
    if (connection.isClosed()) {
      const advice =
        'Open a new one; where it should outlive an outage, connect with maxReconnectAttempts: -1.';
      const message = `${operation} failed: the NATS connection is closed. Nothing was stored. ${advice}`;
      return new ConnectionError('unreachable', [connection.getServer()], message, cause);
    }
    const advice = 'Nothing was stored. Check that the server is up, then try again.';
    return new TimeoutError({ operation, timeout, advice, cause });
  }

  return {
    publish,
    close() {
      closed = true;
      answers.close();
    },
  };
}

type Outcome =
  | ({ readonly kind: 'stored'; readonly cause?: undefined } & Stored)
  | {
      readonly kind: 'refused';
      readonly errorCode: number;
      readonly description: string;
      readonly cause: unknown;
    }
  | { readonly kind: 'not-stored' | 'in-doubt'; readonly cause: unknown };

function outcomeOf(answer: Msg): Outcome {
  const { seq, duplicate = false, error } = answer.json<PublishAck>();
  if (error === undefined && seq !== undefined) return { kind: 'stored', seq, duplicate };
  const { err_code: errorCode = 0, description = 'the answer is not one of JetStream' } = error ?? {};
  const cause = new Error(`${description} (${errorCode})`);
  // An answer without a code of JetStream's own comes from below it, where the message may still be stored.
  if (errorCode === 0) return { kind: 'in-doubt', cause };
  if (passing.has(errorCode)) return { kind: 'not-stored', cause };
  return { kind: 'refused', errorCode, description, cause };
}

function outcomeOfFailure(cause: unknown): Outcome {
  if (cause instanceof errors.PermissionViolationError)
    return { kind: 'refused', errorCode: 403, description: cause.message, cause };
  const isSent = !(cause instanceof NotSentError || cause instanceof errors.NoRespondersError);
  return { kind: isSent ? 'in-doubt' : 'not-stored', cause };
}

function checkSize({ type, headers, body }: Publication, limit = Number.POSITIVE_INFINITY): void {
  // As the server counts it against its limit.
  const size = headers.byteLength + body.byteLength;
  if (size > limit) throw new PayloadTooLargeError(type, size, limit);
}
