import { createInbox, type MsgHdrs, type NatsConnection, nuid } from '@nats-io/nats-core';
import { bareEvent } from './bare-event.fixture.ts';

/** What one gets out of the bare client by hand: one inbox, a map of pending answers, one sweep for timeouts. */
export interface BarePublisher {
  /** @returns the sequence */
  publish(subject: string, body: Uint8Array | string, headers: MsgHdrs): Promise<number>;
  close(): void;
}

interface Pending {
  readonly deadline: number;
  resolve(sequence: number): void;
  reject(error: Error): void;
}

interface Ack {
  readonly seq: number;
  readonly error?: { readonly description: string };
}

const timeout = 5_000;

export function barePublisher(connection: NatsConnection): BarePublisher {
  const base = `${createInbox()}.`;
  const pending = new Map<string, Pending>();
  let counter = 0;
  const subscription = connection.subscribe(`${base}*`, {
    callback: (error, message) => {
      if (error !== null) throw error;
      const token = message.subject.slice(base.length);
      const request = pending.get(token);
      pending.delete(token);
      const ack = message.json<Ack>();
      if (ack.error === undefined) request?.resolve(ack.seq);
      else request?.reject(new Error(ack.error.description));
    },
  });
  const sweep = setInterval(() => {
    const now = Date.now();
    for (const [token, { deadline, reject }] of pending) {
      if (deadline > now) return;
      pending.delete(token);
      reject(new Error('no answer'));
    }
  }, 100);
  return {
    publish: (subject, body, headers) =>
      new Promise((resolve, reject) => {
        counter += 1;
        const token = counter.toString(36);
        pending.set(token, { deadline: Date.now() + timeout, resolve, reject });
        connection.publish(subject, body, { headers, reply: base + token });
      }),
    close() {
      clearInterval(sweep);
      subscription.unsubscribe();
    },
  };
}

/**
 * An atomic batch by hand (ADR-50), guarded on the last sequence of its subject.
 *
 * @returns the last sequence
 */
export async function publishBatch(
  connection: NatsConnection,
  store: string,
  subject: string,
  {
    size,
    revision,
    lastSequence,
  }: { readonly size: number; readonly revision: number; readonly lastSequence: number },
): Promise<number> {
  const batch = nuid.next();
  for (let number = 1; ; number += 1) {
    const { id, headers, body } = bareEvent(store, revision + number);
    headers.set('Nats-Msg-Id', id);
    if (number === 1) headers.set('Nats-Expected-Last-Subject-Sequence', String(lastSequence));
    headers.set('Nats-Batch-Id', batch);
    headers.set('Nats-Batch-Sequence', String(number));
    if (number < size) {
      connection.publish(subject, body, { headers });
      continue;
    }
    headers.set('Nats-Batch-Commit', '1');
    const { seq, error } = (await connection.request(subject, body, { headers, timeout })).json<Ack>();
    if (error !== undefined) throw new Error(error.description);
    return seq;
  }
}
