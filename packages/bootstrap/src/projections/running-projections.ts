import type { Projection, RunningProjection, WaitOptions } from '@pipit/projection';
import type { Aggregate } from '@pipit/store';
import { PipitError } from '@pipit/types-registry';

/** A projection was asked for that the application was not given. */
export class UnknownProjectionError extends PipitError {
  readonly code = 'UNKNOWN_PROJECTION';
  readonly projection: string;

  constructor(projection: string) {
    super(`Projection ${projection} does not run here: list it in the projections of createApp.`);
    this.projection = projection;
  }
}

/** The projections of an application, running. */
export interface RunningProjections extends Iterable<RunningProjection> {
  /** The running one of a definition. */
  of(projection: Projection): RunningProjection;
  /** Those whose rows are made of events of this aggregate. */
  madeOf(aggregate: Aggregate): readonly RunningProjection[];
  /** Resolves when the rows of each show everything that is in the store now. */
  caughtUp(options?: WaitOptions): Promise<void>;
  /** Resolves when the rows of each show everything up to the position, which is what a write returned. */
  waitFor(position: number, options?: WaitOptions): Promise<void>;
  /**
   * Those that are not fit to be read: whose rows have not shown the whole store since the start, or that have failed or
   * been stopped. One that was fit stays so while it catches up again, after an outage or when it takes over from
   * another process. For readiness probes.
   */
  readonly late: readonly RunningProjection[];
  readonly size: number;
  /** Stops all: their rows are written, and free for other processes. @throws AggregateError with what did not stop well */
  stop(): Promise<void>;
}

export function runProjections(
  projections: readonly Projection[],
  run: (projection: Projection) => RunningProjection,
): RunningProjections {
  const running = new Map(projections.map((projection) => [projection, run(projection)]));
  const all = () => [...running.values()];
  const complete = new Set<RunningProjection>();

  async function caughtUp(one: RunningProjection, options: WaitOptions | undefined): Promise<void> {
    await one.caughtUp(options);
    complete.add(one);
  }

  function isLate(one: RunningProjection): boolean {
    const { status } = one;
    if (status === 'failed' || status === 'stopped') return true;
    if (status !== 'catching-up') complete.add(one);
    return !complete.has(one);
  }

  return {
    of(projection) {
      const found = running.get(projection);
      if (found === undefined) throw new UnknownProjectionError(projection.name);
      return found;
    },
    madeOf: (aggregate) =>
      [...running].filter(([projection]) => isMadeOf(projection, aggregate)).map(([, one]) => one),
    caughtUp: async (options) => {
      await Promise.all(all().map((one) => caughtUp(one, options)));
    },
    waitFor: async (position, options) => {
      await Promise.all(all().map((one) => one.waitFor(position, options)));
    },
    get late() {
      return all().filter(isLate);
    },
    size: running.size,
    async stop() {
      const stopped = await Promise.allSettled(all().map((one) => one.stop()));
      const errors = stopped.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
    },
    [Symbol.iterator]: () => running.values(),
  };
}

function isMadeOf({ events, aggregates }: Projection, aggregate: Aggregate): boolean {
  const handled = events ?? aggregates?.flatMap((source) => source.events) ?? [];
  return handled.some((event) => aggregate.events.includes(event));
}
