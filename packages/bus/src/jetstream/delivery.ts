import { type Msg, nanos } from '@nats-io/nats-core';
import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';

/** One event on its way to a handler, and how it ends. Only the first end counts. */
export interface Delivery {
  readonly message: StoredMessage;
  readonly subject: string;
  /** 1 for the first. */
  readonly count: number;
  ack(): void;
  /** @param delay milliseconds until it comes again; default: at once. */
  nak(delay?: number): void;
  /** Begins the lease anew: the server waits another `ack_wait` before it gives the event to someone else. */
  renew(): void;
}

export function toDelivery(store: string, layout: SubjectLayout, msg: Msg): Delivery {
  const { count, position, storedAt } = readReply(msg.reply ?? '');
  let ended = false;

  function respond(payload: string): void {
    try {
      msg.respond(payload);
    } catch {
      // The connection is closed: the lease runs out, and the event comes again.
    }
  }

  function end(payload: string): void {
    if (ended) return;
    ended = true;
    respond(payload);
  }

  return {
    message: {
      store,
      position,
      // Read only when it is asked for, where its errors can name the event.
      get aggregate() {
        return layout.aggregateOf(msg.subject);
      },
      storedAt,
      header: (name) => (msg.headers?.has(name) ? msg.headers.get(name) : undefined),
      headerNames: () => msg.headers?.keys() ?? [],
      body: msg.data,
    },
    subject: msg.subject,
    count,
    ack: () => end('+ACK'),
    nak: (delay = 0) => end(delay === 0 ? '-NAK' : `-NAK {"delay":${nanos(delay)}}`),
    renew: () => {
      if (!ended) respond('+WPI');
    },
  };
}

/**
 * What the reply subject of a delivery says (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<count>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>`, or with domain
 * and account before the stream.
 */
function readReply(reply: string): { count: number; position: number; storedAt: Date } {
  const tokens = reply.split('.');
  const first = tokens.length >= 11 ? 6 : 4;
  const [count, position, , time] = tokens.slice(first).map(Number);
  return { count: count ?? 1, position: position ?? 0, storedAt: new Date(Math.floor((time ?? 0) / 1e6)) };
}
