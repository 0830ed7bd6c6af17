import type { SchedulerOptions } from '../scheduler/create-scheduler.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';

/** Gives a new scheduler that has at least one slot. */
export type SchedulerOpener = (options: SchedulerOptions) => Scheduler;

/** The scheduler of the test that runs, and what it has logged. */
export interface SchedulerOfTest {
  (): Scheduler;
  readonly open: SchedulerOpener;
  readonly logged: { readonly level: string; readonly facts: object; readonly message: string }[];
}

/** What the clock of every scheduler of the suite shows at first. */
export const contractStart = new Date('2026-01-02T03:04:05Z');

/** Work that ends when it is told to, and says whether it has begun and was aborted. */
export function heldWork() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const held = {
    began: 0,
    signal: undefined as AbortSignal | undefined,
    release: resolve,
    /** Goes on until it is released, whatever its signal says. */
    async deaf({ signal }: { readonly signal: AbortSignal }): Promise<string> {
      held.began += 1;
      held.signal = signal;
      return promise;
    },
    /** Ends also when its signal aborts. */
    async listening({ signal }: { readonly signal: AbortSignal }): Promise<string> {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      return Promise.race([held.deaf({ signal }), aborted]);
    },
  };
  return held;
}
