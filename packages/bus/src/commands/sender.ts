import { randomUUID } from 'node:crypto';
import { type ConnectionError, currentTrace } from '@pipit/types-registry';
import { NoHandlerError, OutcomeUnknownError } from '../command-errors.ts';
import type { SendOptions } from '../commands.ts';
import { within } from '../within.ts';
import { checkTimeout } from './check-options.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import type { Form } from './form.ts';
import { notAllowed, notSent, settle, tooLate, type Waiting } from './outcome.ts';
import type { CommandTransport, OpenTransport, OutgoingRequest } from './transport.ts';

/** What this instance sends and waits for. */
export interface Sender {
  readonly transport: CommandTransport;
  /** Rejects; never throws. */
  send(form: Form, data: unknown, options: SendOptions): Promise<unknown>;
  /** Waits for answers, then gives up the rest. Never rejects. */
  stop(timeout: number): Promise<void>;
}

interface Pending extends Expiring, Waiting {
  readonly request: OutgoingRequest;
  /** It may have come to a handler, and is not to be sent again. */
  sent: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
}

/**
 * Milliseconds after a lost connection is up again in which handlers are expected back: they have lost theirs too, and
 * the client waits up to two seconds and a bit before it connects again.
 */
const grace = 3_000;
const askAgainAfter = 100;

export function createSender(open: OpenTransport, deadlines: Deadlines): Sender {
  const pending = new Map<string, Pending>();
  const idle = Promise.withResolvers<void>();
  let counter = 0;
  let restoredAt = Number.NEGATIVE_INFINITY;
  let closed: { readonly cause: Error | undefined } | undefined;
  let stopping = false;

  const transport = open({
    answered(token, answer) {
      const request = take(token);
      if (request !== undefined) settle(request, answer);
    },
    unheard(token) {
      const request = pending.get(token);
      if (request === undefined) return;
      request.sent = false;
      if (deadlines.now() - restoredAt < grace) setTimeout(() => transmit(token), askAgainAfter);
      else fail(token, new NoHandlerError(request.form, transport.subjectOf(request.form)));
    },
    lost() {
      for (const [token, request] of pending) {
        if (!request.sent) continue;
        if (request.form.kind === 'query') request.sent = false;
        else fail(token, new OutcomeUnknownError(request.form, 'connection-lost'));
      }
    },
    restored() {
      restoredAt = deadlines.now();
      for (const token of pending.keys()) transmit(token);
    },
    forbidden(key, error) {
      for (const [token, { form }] of pending) {
        if (form.key !== key) continue;
        fail(token, notAllowed(form, transport.servers, error));
      }
    },
    closed(cause) {
      closed = { cause };
      for (const [token, request] of pending) {
        fail(
          token,
          request.sent
            ? new OutcomeUnknownError(request.form, 'connection-lost', cause)
            : unreachable(request.form, 'the connection was closed', cause),
        );
      }
    },
  });

  function take(token: string): Pending | undefined {
    const request = pending.get(token);
    if (request === undefined) return undefined;
    pending.delete(token);
    deadlines.delete(request);
    if (request.onAbort !== undefined) request.signal?.removeEventListener('abort', request.onAbort);
    if (stopping && pending.size === 0) idle.resolve();
    return request;
  }

  function fail(token: string, error: unknown): void {
    take(token)?.reject(error);
  }

  /** Sends what has not left, or has to leave again, if the connection is up; else `restored` does it. */
  function transmit(token: string): void {
    const waiting = pending.get(token);
    if (waiting === undefined || waiting.sent || !transport.up) return;
    const { request, deadline } = waiting;
    const timeout = Math.max(1, Math.ceil(deadline - deadlines.now()));
    try {
      transport.send({ ...request, timeout }, token);
      waiting.sent = true;
    } catch (error) {
      fail(token, error);
    }
  }

  function expire(token: string): void {
    const request = take(token);
    if (request === undefined) return;
    const { form } = request;
    const { timeout } = request.request;
    if (!request.sent && !transport.up) {
      request.reject(unreachable(form, `the connection was down for its ${timeout} ms`, undefined));
    } else request.reject(tooLate(form, timeout));
  }

  function unreachable(form: Form, why: string, cause: Error | undefined): ConnectionError {
    return notSent(form, transport.servers, why, cause);
  }

  function begin(
    form: Form,
    data: unknown,
    options: SendOptions,
    resolve: Pending['resolve'],
    reject: Pending['reject'],
  ): void {
    const timeout = checkTimeout(options);
    const { signal } = options;
    signal?.throwIfAborted();
    if (closed !== undefined) throw unreachable(form, 'the connection is closed', closed.cause);
    const payload = form.encode(data);
    const id = signal === undefined ? undefined : randomUUID();
    const request = { address: form, payload, trace: currentTrace(), timeout, id };
    counter += 1;
    const token = counter.toString(36);
    const onAbort =
      signal &&
      (() => {
        const cancelled = take(token);
        if (cancelled?.sent === true) transport.cancel(form, id ?? '');
        cancelled?.reject(signal.reason);
      });
    const { up } = transport;
    if (up) transport.send(request, token);
    const deadline = deadlines.now() + timeout;
    const waiting: Pending = {
      ...{ form, request, sent: up, resolve, reject, signal, onAbort, deadline },
      expire: () => expire(token),
    };
    pending.set(token, waiting);
    deadlines.add(waiting);
    if (onAbort !== undefined) signal?.addEventListener('abort', onAbort, { once: true });
  }

  return {
    transport,
    send: (form, data, options) =>
      new Promise((resolve, reject) => begin(form, data, options, resolve, reject)),
    async stop(timeout) {
      stopping = true;
      if (pending.size === 0 || (await within(timeout, idle.promise))) return;
      for (const [token, { form, sent }] of pending) {
        fail(
          token,
          sent
            ? new OutcomeUnknownError(form, 'stopped')
            : unreachable(form, 'sending was stopped while the connection was down', undefined),
        );
      }
    },
  };
}
