import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { MessageTooLargeError } from '../../command-errors.ts';
import type { Address, Answer, Listener, Listening } from '../../commands/transport.ts';
import { toError } from '../../to-error.ts';
import { within } from '../../within.ts';
import { rawHeaders } from './headers.ts';
import type { HeldAnswers } from './held-answers.ts';
import type { Link } from './link.ts';
import { type EncodedAnswer, encodeAnswerMessage, readRequest } from './wire.ts';

/** The queue group of the NATS services. */
export const queue = 'q';

export interface Subjects {
  readonly requests: string;
  readonly cancellations: string;
}

interface ListenContext {
  readonly connection: NatsConnection;
  readonly link: Link;
  /** Answers while the connection is down. */
  readonly held: HeldAnswers;
}

/** Milliseconds for what was on its way here to come. */
const drainTimeout = 2_000;

export function listen(
  { connection, link, held }: ListenContext,
  address: Address,
  subjects: Subjects,
  listener: Listener,
): Listening {
  let refused: Error | undefined;
  let isReady = false;
  const fail = (error: Error) => {
    if (isReady && refused === undefined) listener.failed(error);
    refused ??= error;
  };
  const requests = connection.subscribe(subjects.requests, {
    queue,
    callback(error, message) {
      if (error === null) take(message);
      else fail(error);
    },
  });
  const cancellations = connection.subscribe(subjects.cancellations, {
    callback(error, message) {
      if (error === null) listener.cancel(message.string());
      else fail(error);
    },
  });

  function take(message: Msg): void {
    const request = read(message);
    if (request === undefined) return;
    const { payload, trace, timeout, id } = request;
    const until = performance.now() + timeout;
    listener.request({
      ...{ payload, trace, timeout, id },
      answer(given) {
        const encoded = fitting(given);
        const send = () => respond(message, encoded);
        if (link.up) send();
        else held.add(send, until);
      },
    });
  }

  /** What is thrown in here would end the connection. */
  function read(message: Msg): ReturnType<typeof readRequest> | undefined {
    try {
      return readRequest(message);
    } catch (error) {
      listener.unreadable(toError(error), (answer) => respond(message, encodeAnswerMessage(answer)));
      return undefined;
    }
  }

  /** @throws MessageTooLargeError for a payload; a failure is cut down */
  function fitting(answer: Answer): EncodedAnswer {
    const encoded = encodeAnswerMessage(answer);
    const size = encoded.body.byteLength + (encoded.headers?.byteLength ?? 0);
    const limit = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (size <= limit || !('failure' in answer || answer.status === 'answered')) return encoded;
    if (answer.status === 'answered') throw new MessageTooLargeError(address, 'answer', size, limit);
    const { message: text, ...failure } = answer.failure;
    return encodeAnswerMessage({
      ...answer,
      failure: { ...failure, message: text.slice(0, 200), facts: {} },
    });
  }

  function respond(message: Msg, { body, headers }: EncodedAnswer): void {
    try {
      message.respond(body, headers === undefined ? undefined : { headers: rawHeaders(headers) });
    } catch {
      // The connection is closed or about to be: the sender waits no longer than its deadline.
    }
  }

  /** Fulfilled when a server has taken both subscriptions; a lost connection takes them again by itself. */
  async function subscribed(): Promise<void> {
    for (;;) {
      await link.restored();
      try {
        await connection.flush();
        break;
      } catch (error) {
        if (connection.isClosed()) throw error;
      }
    }
    isReady = true;
    if (refused !== undefined) throw refused;
  }

  return {
    ready: subscribed(),
    async close() {
      if (connection.isClosed()) return;
      if (!requests.isClosed()) {
        // Without a connection there is nothing on its way, and no answer to wait for.
        if (link.up)
          await within(
            drainTimeout,
            // It fails where the connection is closed meanwhile, which ends what it is for.
            requests.drain().catch(() => {}),
          );
        if (!connection.isClosed()) requests.unsubscribe();
      }
      if (!connection.isClosed()) cancellations.unsubscribe();
    },
  };
}
