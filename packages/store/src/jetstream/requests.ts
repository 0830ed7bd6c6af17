import { createInbox, errors, type Msg, type MsgHdrs, type PublishOptions } from '@nats-io/nats-core';
import type { JetStreamApi } from './api.ts';
import { connectionLost, type Link, noAnswer } from './link.ts';

/** How often requests are looked over for those whose time is up, in milliseconds. */
const sweepEvery = 25;

/**
 * Requests of a store over one inbox and one timer for all. The client's own request makes a timer and a stack trace for
 * each, which costs more than the rest of a publish.
 */
export interface Requests {
  /**
   * Publishes, and resolves with the first answer.
   *
   * @param headers a header block as it goes on the wire, `NATS/1.0` included
   * @throws NotSentError; Error where the connection is lost, nobody listens (NoRespondersError), publishing is
   * forbidden (PermissionViolationError), or no answer comes in time
   */
  ask(subject: string, body: Uint8Array | string, timeout: number, headers?: Uint8Array): Promise<Msg>;
  /** Publishes, and hands every answer to the stream of answers until that is ended. */
  askForMany(subject: string, body: string, answers: Answers): () => void;
  /** @throws NotSentError */
  publish(subject: string, body: Uint8Array, headers: Uint8Array): void;
  /** Requests under way fail as if the connection were lost. */
  close(): void;
}

/** Where the answers to one request arrive. `timeout` is the longest silence between two of them, in milliseconds. */
export interface Answers {
  readonly timeout: number;
  next(message: Msg): void;
  fail(error: Error): void;
}

interface Pending extends Answers {
  readonly subject: string;
  deadline: number;
}

export function openRequests({ connection, inboxPrefix }: JetStreamApi, link: Link): Requests {
  const base = `${createInbox(inboxPrefix)}.`;
  const pending = new Map<string, Pending>();
  let counter = 0;
  let sweeping: NodeJS.Timeout | undefined;
  let refused: Error | undefined;

  const subscription = connection.subscribe(`${base}*`, {
    callback: (error, message) => {
      // What the server refuses is the whole subscription, and with it every request.
      if (error !== null) {
        refused = error;
        failAll(error);
        return;
      }
      const token = message.subject.slice(base.length);
      const request = pending.get(token);
      if (request === undefined) return;
      request.deadline = Date.now() + request.timeout;
      if (isNoResponders(message)) fail(token, request, new errors.NoRespondersError(request.subject));
      else request.next(message);
    },
  });

  link.onLost(() => failAll(connectionLost()));
  link.onForbidden((subject, error) => {
    for (const [token, request] of pending) if (request.subject === subject) fail(token, request, error);
  });

  function open(request: Pending): string {
    counter += 1;
    const token = counter.toString(36);
    pending.set(token, request);
    sweeping ??= setInterval(sweep, sweepEvery);
    return token;
  }

  function fail(token: string, request: Pending, error: Error): void {
    pending.delete(token);
    request.fail(error);
  }

  function failAll(error: Error): void {
    for (const [token, request] of pending) fail(token, request, error);
  }

  function sweep(): void {
    const now = Date.now();
    for (const [token, request] of pending) if (request.deadline <= now) fail(token, request, noAnswer());
    if (pending.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  function send(
    subject: string,
    body: Uint8Array | string,
    headers: Uint8Array | undefined,
    token?: string,
  ): void {
    const options: PublishOptions = {};
    if (token !== undefined) options.reply = base + token;
    if (headers !== undefined) options.headers = encoded(headers);
    try {
      if (refused !== undefined) throw refused;
      connection.publish(subject, body, options);
    } catch (cause) {
      throw new NotSentError(cause);
    }
  }

  return {
    ask: (subject, body, timeout, headers) =>
      new Promise((resolve, reject) => {
        const next = (message: Msg) => {
          pending.delete(token);
          resolve(message);
        };
        const token = open({ subject, timeout, deadline: Date.now() + timeout, next, fail: reject });
        try {
          send(subject, body, headers, token);
        } catch (error) {
          pending.delete(token);
          reject(error);
        }
      }),
    askForMany(subject, body, answers) {
      const { timeout, next, fail: failed } = answers;
      const token = open({ subject, timeout, deadline: Date.now() + timeout, next, fail: failed });
      try {
        send(subject, body, undefined, token);
      } catch (error) {
        pending.delete(token);
        failed(error as Error);
      }
      return () => pending.delete(token);
    },
    publish: (subject, body, headers) => send(subject, body, headers),
    close() {
      subscription.unsubscribe();
      failAll(connectionLost());
      clearInterval(sweeping);
      sweeping = undefined;
    },
  };
}

/** The client did not take it: nothing has left this process. */
export class NotSentError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** All that the client's `publish` asks of headers; its own class would take them apart and put them together again. */
function encoded(block: Uint8Array): MsgHdrs {
  return { encode: () => block } as unknown as MsgHdrs;
}

function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}
