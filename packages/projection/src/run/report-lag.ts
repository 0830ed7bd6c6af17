import type { Lag } from './lag.ts';
import { pause } from './pause.ts';
import { untilAborted } from './until-aborted.ts';

/** Tells how far a projection is behind, every so many milliseconds until the signal aborts. */
export async function reportLag(options: {
  readonly every: number;
  readonly signal: AbortSignal;
  measure(): Promise<Lag>;
  report(lag: Lag): unknown;
  onFailure(error: unknown): void;
}): Promise<void> {
  const { every, signal } = options;
  for (;;) {
    await pause(every, signal);
    if (signal.aborted) return;
    try {
      await options.report(await untilAborted(options.measure(), signal));
    } catch (error) {
      if (signal.aborted) return;
      options.onFailure(error);
    }
  }
}
