import { createInbox, errors, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import type { NatsConnectionImpl, QueuedIterator } from '@nats-io/nats-core/internal';

/** What is published, and where; the header block as it goes on the wire, `NATS/1.0` included. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly headers: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Publishes and awaits answers over one inbox, a map of what is pending and one sweep for timeouts. The client's own
 * request makes a timer and a stack trace for each, which costs more than the rest of a publish; and it lets requests run
 * into their timeouts where the connection is lost.
 */
export interface Answers {
  /** False from the loss of the connection until it is up again. */
  readonly up: boolean;
  /**
   * @throws NotSentError; errors.NoRespondersError and errors.PermissionViolationError of the client; Error where the
   * connection is lost or no answer comes in time
   */
  ask(message: OutgoingMessage, timeout: number): Promise<Msg>;
  /** Resolves when the connection is up, is closed, or the deadline (epoch, ms) has passed. */
  restored(deadline: number): Promise<void>;
  close(): void;
}

/** The client did not take it: nothing has left this process. */
export class NotSentError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Pending {
  readonly subject: string;
  readonly deadline: number;
  resolve(message: Msg): void;
  reject(error: Error): void;
}

/** How often what is pending is looked over, in milliseconds. */
const sweepEvery = 25;

/** @param connection up, and the caller's to close */
export function openAnswers(connection: NatsConnection): Answers {
  const base = `${createInbox((connection as NatsConnectionImpl).options.inboxPrefix)}.`;
  const pending = new Map<string, Pending>();
  const waiting = new Set<() => void>();
  const statuses = connection.status() as QueuedIterator<
    ReturnType<NatsConnection['status']> extends AsyncIterable<infer Status> ? Status : never
  >;
  let up = true;
  let counter = 0;
  let sweeping: NodeJS.Timeout | undefined;
  let refused: Error | undefined;

  const subscription = connection.subscribe(`${base}*`, {
    callback: (error, message) => {
      // What the server refuses is the whole subscription, and with it every answer.
      if (error !== null) {
        refused = error;
        failWhere(() => true, error);
        return;
      }
      const token = message.subject.slice(base.length);
      const request = pending.get(token);
      if (request === undefined) return;
      pending.delete(token);
      if (isNoResponders(message)) request.reject(new errors.NoRespondersError(request.subject));
      else request.resolve(message);
    },
  });

  async function watch(): Promise<void> {
    for await (const status of statuses) {
      if (status.type === 'disconnect') lose();
      else if (status.type === 'reconnect') {
        up = true;
        wake();
      } else if (status.type === 'error') forbid(status.error);
    }
    lose();
    wake();
  }
  // The client's status never fails; it ends when the connection is closed.
  void watch();

  function lose(): void {
    up = false;
    failWhere(() => true, new Error('the connection was lost'));
  }

  function wake(): void {
    for (const resolve of [...waiting]) resolve();
  }

  function forbid(error: Error): void {
    if (!(error instanceof errors.PermissionViolationError) || error.operation !== 'publish') return;
    failWhere(({ subject }) => subject === error.subject, error);
  }

  function failWhere(isMeant: (request: Pending) => boolean, error: Error): void {
    for (const [token, request] of pending) {
      if (!isMeant(request)) continue;
      pending.delete(token);
      request.reject(error);
    }
  }

  function sweep(): void {
    const now = Date.now();
    failWhere(({ deadline }) => deadline <= now, new Error('there was no answer in time'));
    if (pending.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    get up() {
      return up;
    },
    ask: ({ subject, headers, body }, timeout) =>
      new Promise((resolve, reject) => {
        counter += 1;
        const token = counter.toString(36);
        try {
          if (refused !== undefined) throw refused;
          connection.publish(subject, body, { headers: encoded(headers), reply: base + token });
        } catch (cause) {
          reject(new NotSentError(cause));
          return;
        }
        pending.set(token, { subject, deadline: Date.now() + timeout, resolve, reject });
        sweeping ??= setInterval(sweep, sweepEvery);
      }),
    async restored(deadline) {
      if (up || connection.isClosed()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
      clearTimeout(timer);
    },
    close() {
      statuses.stop();
      subscription.unsubscribe();
      clearInterval(sweeping);
      lose();
      wake();
    },
  };
}

/** All that the client's `publish` asks of headers; its own class would take them apart and put them together again. */
function encoded(block: Uint8Array): MsgHdrs {
  return { encode: () => block } as unknown as MsgHdrs;
}

function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}
