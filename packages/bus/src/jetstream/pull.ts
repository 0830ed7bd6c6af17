import { setTimeout as delay } from 'node:timers/promises';
import { createInbox, type Msg, nanos } from '@nats-io/nats-core';
import { atEndOfTurn } from './end-of-turn.ts';
import { findConsumer } from './ensure-group.ts';
import { isMissingStream, type OpenStore } from './open-store.ts';

export interface PullOptions {
  readonly consumer: string;
  /** The name of the consumer's stream. */
  readonly stream: string;
  /** How many messages may be asked for now. */
  readonly room: () => number;
  readonly deliver: (msg: Msg) => void;
  /** Milliseconds that a request stays open on the server. Default: 30,000. */
  readonly expires?: number;
  /** What else a request says. */
  readonly asking?: () => object;
  /** Anything came from the server, if only that there is nothing. */
  readonly onContact?: () => void;
  /** The server has pinned another client to the consumer (ADR-42), and asks to be asked without the pin. */
  readonly onUnpinned?: () => void;
  /** The consumer or its stream is gone. */
  readonly onLost: (cause: unknown) => void;
  /** The server does not let this connection receive. */
  readonly onRefused: (cause: unknown) => void;
  /** The server does not answer as it should, and is asked again. */
  readonly onTrouble: (cause: Error) => void;
}

/** A stream of deliveries that never holds more than there is room for. */
export interface Pull {
  /** There is room: ask, unless an answer is still open. */
  request(): void;
  /** Whatever was open is not any more: after a reconnect. */
  restart(): void;
  /** Asks no more, and takes what is on its way. Fulfilled when nothing more can come. */
  stop(): Promise<void>;
}

/** The request named a pin that is not, or no more, the consumer's. */
const wrongPin = 423;
/** Milliseconds between two questions to a server in trouble: doubled each time. */
const shortestPause = 250;
const longestPause = 5_000;

/**
 * Pulls messages with one request open at a time, for as many as there is room for. The client's own `consume` asks for
 * more before the first are handled, so that they wait while their lease runs, and drops what is under way when it
 * stops, which then waits for its lease to run out.
 */
export function startPull(store: OpenStore, options: PullOptions): Pull {
  const { connection, prefix, inboxPrefix } = store;
  const { stream, consumer, room, deliver, onLost, onRefused, onTrouble, onContact, onUnpinned } = options;
  const { expires = 30_000, asking: further = () => ({}) } = options;
  // Milliseconds between two signs of life while a request is open; two missed ones are trouble.
  const heartbeat = Math.min(5_000, Math.floor(expires / 3));
  const inbox = createInbox(inboxPrefix);
  const stopping = new AbortController();
  let open = 0;
  let asking = false;
  let isDue = false;
  let pause = shortestPause;
  const silence = setTimeout(() => {
    if (open > 0) void examine(new Error(`no sign of life for ${2.5 * heartbeat} ms`));
  }, 2.5 * heartbeat).unref();
  const subscription = connection.subscribe(inbox, {
    callback: (error, msg) => (error === null ? receive(msg) : onRefused(error)),
  });

  /** For all the room that this turn makes, and behind its acknowledgements. */
  function request(): void {
    if (open > 0 || isDue) return;
    isDue = true;
    atEndOfTurn(ask);
  }

  function ask(): void {
    isDue = false;
    if (open > 0 || asking || stopping.signal.aborted || connection.isClosed()) return;
    const batch = room();
    if (batch === 0) return;
    open = batch;
    silence.refresh();
    const body = { batch, expires: nanos(expires), idle_heartbeat: nanos(heartbeat), ...further() };
    const subject = `${prefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    try {
      connection.publish(subject, JSON.stringify(body), { reply: inbox });
    } catch {
      // The connection is on its way to be closed, which ends the subscription.
      open = 0;
    }
  }

  function receive(msg: Msg): void {
    silence.refresh();
    onContact?.();
    // A status comes on the inbox itself, an event on its own subject.
    if (msg.subject === inbox) receiveStatus(msg);
    else {
      pause = shortestPause;
      open = Math.max(0, open - 1);
      deliver(msg);
      request();
    }
  }

  function receiveStatus({ headers }: Msg): void {
    const { code = 0, description = '' } = headers ?? {};
    if (code === 100) return;
    open = 0;
    if (code === wrongPin) onUnpinned?.();
    if (code === 408 || code === wrongPin) {
      // Expired: the ordinary end of a request.
      pause = shortestPause;
      request();
    } else void examine(new Error(`the server answered ${code} ${description}`.trim()));
  }

  /** Finds out whether there is still something to pull from, and goes on when there is. */
  async function examine(cause: Error): Promise<void> {
    if (asking || stopping.signal.aborted) return;
    asking = true;
    onTrouble(cause);
    let said = cause.message;
    for (let exists = false; !exists; ) {
      if (connection.isClosed() || stopping.signal.aborted) return;
      try {
        exists = (await findConsumer(store, stream, consumer)) !== undefined;
        if (!exists) return onLost(cause);
      } catch (error) {
        if (isMissingStream(error)) return onLost(error);
        const trouble = error as Error;
        if (connection.isClosed() || stopping.signal.aborted) return;
        // Once as long as it stays the same.
        if (trouble.message !== said) onTrouble(trouble);
        said = trouble.message;
      }
      await delay(pause, undefined, { ref: false });
      pause = Math.min(2 * pause, longestPause);
    }
    asking = false;
    open = 0;
    request();
  }

  return {
    request,
    restart() {
      open = 0;
      request();
    },
    async stop() {
      stopping.abort();
      clearTimeout(silence);
      // To drain takes an answer, which does not come once the connection is closed.
      if (!subscription.isClosed()) await Promise.race([subscription.drain(), connection.closed()]);
    },
  };
}
