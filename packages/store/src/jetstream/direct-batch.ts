import { setTimeout as delay } from 'node:timers/promises';
import { createInbox, headers, type Msg } from '@nats-io/nats-core';
import { ReadFailedError } from '../store-errors.ts';
import type { JetStreamApi } from './api.ts';
import type { RawMessage } from './to-stored-message.ts';

/** Messages asked for at a time, and their bytes: what is held in memory while an aggregate is read. */
const batchSize = 512;
const batchBytes = 4 * 1024 * 1024;
const silence = 2_000;
const attempts = 5;

interface Batch {
  readonly messages: readonly RawMessage[];
  /** Messages on the subject behind this batch, at the time it was answered. */
  readonly pending: number;
}

/**
 * The messages of a subject, up to the last at the moment of the call, by JetStream's batched direct get (ADR-31).
 * Any replica answers, so the newest may be missing. A batch whose answer got lost is asked for again.
 */
export async function* readSubject(
  api: JetStreamApi,
  stream: string,
  subject: string,
): AsyncGenerator<RawMessage> {
  let next = 1;
  let left: number | undefined;
  while (left === undefined || left > 0) {
    const { messages, pending } = await requestUntilAnswered(api, stream, subject, next);
    left ??= messages.length + pending;
    if (messages.length === 0) return;
    for (const message of messages.slice(0, left)) yield message;
    left -= messages.length;
    next = (messages.at(-1)?.sequence ?? 0) + 1;
  }
}

async function requestUntilAnswered(
  api: JetStreamApi,
  stream: string,
  subject: string,
  next: number,
): Promise<Batch> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await requestBatch(api, stream, subject, next);
    } catch (cause) {
      if (attempt === attempts || api.connection.isClosed())
        throw new ReadFailedError(stream, `read ${subject}`, cause);
      await delay(50 * 2 ** attempt);
    }
  }
}

function requestBatch(
  { connection, prefix, inboxPrefix }: JetStreamApi,
  stream: string,
  subject: string,
  seq: number,
): Promise<Batch> {
  const { promise, resolve, reject } = Promise.withResolvers<Batch>();
  const messages: RawMessage[] = [];
  const inbox = createInbox(inboxPrefix);
  const subscription = connection.subscribe(inbox, { callback: onMessage });
  const timer = setTimeout(() => finish(reject, new Error(`no answer for ${silence} ms`)), silence);

  function finish<T>(settle: (value: T) => void, value: T): void {
    clearTimeout(timer);
    subscription.unsubscribe();
    settle(value);
  }

  function onMessage(error: Error | null, message: Msg): void {
    if (error !== null) {
      finish(reject, error);
      return;
    }
    const code = message.headers?.code ?? 0;
    if (code === 0) {
      timer.refresh();
      messages.push(toRawMessage(message));
    } else if (code === 204) {
      finish(resolve, { messages, pending: Number(message.headers?.get('Nats-Num-Pending') ?? 0) });
    } else if (code === 404) finish(resolve, { messages, pending: 0 });
    else finish(reject, new Error(`the server answered ${code} ${message.headers?.description ?? ''}`));
  }

  const request = { next_by_subj: subject, seq, batch: batchSize, max_bytes: batchBytes };
  connection.publish(`${prefix}.DIRECT.GET.${stream}`, JSON.stringify(request), { reply: inbox });
  return promise;
}

function toRawMessage(message: Msg): RawMessage {
  const meta = message.headers ?? headers();
  return {
    subject: meta.get('Nats-Subject'),
    sequence: Number(meta.get('Nats-Sequence')),
    storedAt: new Date(meta.get('Nats-Time-Stamp')),
    headers: meta,
    body: message.data,
  };
}
