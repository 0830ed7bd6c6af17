import type { NatsConnection } from '@nats-io/nats-core';

/**
 * Whether the connection is up. The client drops what is published while it is down, and lets requests that were under
 * way run into their timeouts; the link tells earlier.
 */
export interface Link {
  /** How often the connection has been lost. */
  readonly losses: number;
  /** Settles like `answer`, or rejects as soon as the connection is lost or the deadline (epoch, ms) has passed. */
  whileUp<T>(answer: Promise<T>, deadline: number): Promise<T>;
  /** Resolves when the connection is up again, at once where it is up; also when it is closed or the deadline passes. */
  restored(deadline: number): Promise<void>;
}

/** Watches until the connection is closed. It must be up when this is called. */
export function watchLink(connection: NatsConnection): Link {
  let up = true;
  let losses = 0;
  const listeners = new Set<() => void>();

  const watch = async () => {
    for await (const { type } of connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      up = type === 'reconnect';
      if (!up) losses += 1;
      tell();
    }
    up = false;
    tell();
  };
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  // The client's status never fails; it ends when the connection is closed.
  void watch();

  async function whileUp<T>(answer: Promise<T>, deadline: number): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const lost = () => reject(new Error('the connection was lost'));
    const late = () => reject(new Error('there was no answer before the deadline'));
    const timer = setTimeout(late, Math.max(0, deadline - Date.now()));
    listeners.add(lost);
    try {
      return await Promise.race([answer, ended]);
    } finally {
      listeners.delete(lost);
      clearTimeout(timer);
    }
  }

  async function restored(deadline: number): Promise<void> {
    if (up || connection.isClosed()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
    listeners.add(resolve);
    try {
      await promise;
    } finally {
      listeners.delete(resolve);
      clearTimeout(timer);
    }
  }

  return {
    get losses() {
      return losses;
    },
    whileUp,
    restored,
  };
}
