import { ProjectionBehindError, ProjectionStoppedError } from '../projection-errors.ts';

/** Timers take no more; who waits longer waits without one. */
const longestTimer = 2_147_483_647;

interface Waiter {
  /** Not known while it is being asked for. */
  position: number | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** How far a projection is, and who waits for it to get further. */
export interface WaitingRoom {
  readonly position: number;
  /** Whether anybody waits. */
  readonly isOccupied: boolean;
  advance(position: number): void;
  /** What is known of why it gets no further. */
  blame(cause: unknown): void;
  /** Sends home who waits now. */
  disappoint(failure: unknown): void;
  /**
   * @param target the position, or how to find out: the time that takes counts too
   * @param timeout milliseconds, or `Infinity`
   */
  waitFor(target: number | (() => Promise<number>), timeout: number): Promise<void>;
  /** Sends everybody home, with the failure where there is one; who comes later is sent home at once. */
  close(failure?: Error): void;
}

export function waitingRoom(projection: string): WaitingRoom {
  const waiters = new Set<Waiter>();
  let reached = 0;
  let blamed: unknown;
  let ending: Error | undefined;

  function resolveIfReached({ position, resolve }: Waiter): void {
    if (position !== undefined && position <= reached) resolve();
  }

  return {
    get position() {
      return reached;
    },
    get isOccupied() {
      return waiters.size > 0;
    },
    advance(position) {
      reached = Math.max(reached, position);
      blamed = undefined;
      for (const waiter of waiters) resolveIfReached(waiter);
    },
    blame(cause) {
      blamed = cause;
    },
    disappoint(failure) {
      for (const waiter of waiters) waiter.reject(failure);
    },
    async waitFor(target, timeout) {
      if (typeof target === 'number' && target <= reached) return;
      if (ending !== undefined) throw ending;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter: Waiter = { position: undefined, resolve, reject };
      const late = () =>
        reject(new ProjectionBehindError(projection, waiter.position, reached, timeout, blamed));
      const timer = timeout > longestTimer ? undefined : setTimeout(late, Math.max(0, timeout));
      const learn = (position: number) => {
        waiter.position = position;
        resolveIfReached(waiter);
      };
      waiters.add(waiter);
      try {
        if (typeof target === 'number') learn(target);
        else target().then(learn, reject);
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
