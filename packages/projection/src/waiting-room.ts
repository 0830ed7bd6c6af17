import { ProjectionBehindError, ProjectionStoppedError } from './projection-errors.ts';

interface Waiter {
  readonly position: number;
  resolve(): void;
  reject(error: Error): void;
}

/** How far a projection is, and who waits for it to get further. */
export interface WaitingRoom {
  readonly position: number;
  advance(position: number): void;
  /** @param timeout milliseconds, or `Infinity` */
  waitFor(position: number, timeout: number): Promise<void>;
  /** Sends everybody home, with the failure where there is one; who comes later is sent home at once. */
  close(failure?: Error): void;
}

export function waitingRoom(projection: string): WaitingRoom {
  const waiters = new Set<Waiter>();
  let reached = 0;
  let ending: Error | undefined;

  return {
    get position() {
      return reached;
    },
    advance(position) {
      reached = Math.max(reached, position);
      for (const waiter of waiters) if (waiter.position <= reached) waiter.resolve();
    },
    async waitFor(position, timeout) {
      if (position <= reached) return;
      if (ending !== undefined) throw ending;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter = { position, resolve, reject };
      waiters.add(waiter);
      const late = () => reject(new ProjectionBehindError(projection, position, reached, timeout));
      const timer = timeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(late, timeout);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        waiters.delete(waiter);
      }
    },
    close(failure) {
      ending = failure ?? new ProjectionStoppedError(projection);
      for (const waiter of waiters) waiter.reject(ending);
    },
  };
}
