import { errors, type NatsConnection } from '@nats-io/nats-core';
import type { QueuedIterator } from '@nats-io/nats-core/internal';

/**
 * Whether the connection is up. The client drops what is published while it is down, and lets requests that were under
 * way run into their timeouts; the link tells earlier.
 */
export interface Link {
  readonly up: boolean;
  /** How often the connection has been lost. */
  readonly losses: number;
  /** Settles like `answer`, or rejects as soon as the connection is lost or the deadline (epoch, ms) has passed. */
  whileUp<T>(answer: Promise<T>, deadline: number): Promise<T>;
  /** Resolves when the connection is up again, at once where it is up; also when it is closed or the deadline passes. */
  restored(deadline: number): Promise<void>;
  /** Tells of every loss, the last one when the connection is closed. Returns what ends it. */
  onLost(listener: () => void): () => void;
  /** Tells of a subject that this connection may not publish to, when it has tried. */
  onForbidden(listener: (subject: string, error: Error) => void): void;
  close(): void;
}

/** Watches until it is closed, or the connection is. It must be up when this is called. */
export function watchLink(connection: NatsConnection): Link {
  let up = true;
  let losses = 0;
  const waiting = new Set<() => void>();
  const lost = new Set<() => void>();
  const forbidden = new Set<(subject: string, error: Error) => void>();
  // The client's status is such an iterator; its type leaves out that it can be stopped.
  const status = connection.status() as QueuedIterator<
    ReturnType<NatsConnection['status']> extends AsyncIterable<infer S> ? S : never
  >;

  const watch = async () => {
    for await (const event of status) {
      if (event.type === 'disconnect') lose();
      else if (event.type === 'reconnect') {
        up = true;
        tell(waiting);
      } else if (event.type === 'error') report(event.error);
    }
    lose();
    tell(waiting);
  };
  const lose = () => {
    up = false;
    losses += 1;
    tell(lost);
  };
  const report = (error: Error) => {
    if (!(error instanceof errors.PermissionViolationError) || error.operation !== 'publish') return;
    for (const listener of forbidden) listener(error.subject, error);
  };
  // The client's status never fails; it ends when the connection is closed.
  void watch();

  async function whileUp<T>(answer: Promise<T>, deadline: number): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onLoss = () => reject(connectionLost());
    const timer = setTimeout(() => reject(noAnswer()), Math.max(0, deadline - Date.now()));
    lost.add(onLoss);
    try {
      return await Promise.race([answer, ended]);
    } finally {
      lost.delete(onLoss);
      clearTimeout(timer);
    }
  }

  async function restored(deadline: number): Promise<void> {
    if (up || connection.isClosed()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
    waiting.add(resolve);
    try {
      await promise;
    } finally {
      waiting.delete(resolve);
      clearTimeout(timer);
    }
  }

  return {
    get up() {
      return up;
    },
    get losses() {
      return losses;
    },
    whileUp,
    restored,
    onLost(listener) {
      lost.add(listener);
      return () => lost.delete(listener);
    },
    onForbidden: (listener) => forbidden.add(listener),
    close: () => status.stop(),
  };
}

export function connectionLost(): Error {
  return new Error('the connection was lost');
}

export function noAnswer(): Error {
  return new Error('there was no answer before the deadline');
}

function tell(listeners: Iterable<() => void>): void {
  for (const listener of [...listeners]) listener();
}
