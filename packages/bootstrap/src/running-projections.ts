import type { Projection, RunningProjection, WaitOptions } from '@pipit/projection';
import { UnknownProjectionError } from './config-error.ts';

/** The projections of an application, running. */
export interface RunningProjections extends Iterable<RunningProjection> {
  /** The running one of a definition. */
  of(projection: Projection): RunningProjection;
  /** Resolves when the rows of each show everything that is in the store now. */
  caughtUp(options?: WaitOptions): Promise<void>;
  /** Resolves when the rows of each show everything up to the position, which is what a write returned. */
  waitFor(position: number, options?: WaitOptions): Promise<void>;
  readonly size: number;
}

export function runProjections(
  projections: readonly Projection[],
  run: (projection: Projection) => RunningProjection,
): RunningProjections {
  const running = new Map(projections.map((projection) => [projection, run(projection)]));
  const all = () => [...running.values()];
  return {
    of(projection) {
      const found = running.get(projection);
      if (found === undefined) throw new UnknownProjectionError(projection.name);
      return found;
    },
    caughtUp: async (options) => {
      await Promise.all(all().map((one) => one.caughtUp(options)));
    },
    waitFor: async (position, options) => {
      await Promise.all(all().map((one) => one.waitFor(position, options)));
    },
    size: running.size,
    [Symbol.iterator]: () => running.values(),
  };
}
