import { type Logger, TimeoutError, traceAfter, withTrace } from '@pipit/types-registry';
import type { Handler, HandlerContext } from '../bus.ts';
import type { DeliveredEvent } from '../delivered-event.ts';
import { toError } from '../to-error.ts';
import { boundLogger, eventFacts } from './event-facts.ts';
import { givenBack, handled, type Outcome } from './outcome.ts';

/** The handlers of a subscription that are running. */
export interface HandlerRuns {
  /**
   * Runs a handler to its end, or to the end of its time. What it appends belongs to the event's chain. Never throws
   * or rejects; a handler that does not return a promise has its outcome at once.
   */
  run(
    handler: Handler<DeliveredEvent>,
    event: DeliveredEvent,
    deliveryCount: number,
  ): Outcome | Promise<Outcome>;
  /** Waits no longer for those that run, which only their signals tell, and runs no more. */
  giveUp(reason: Error): void;
}

export interface HandlerRunsOptions {
  readonly group: string;
  /** Milliseconds that each handler may take. */
  readonly timeout: number;
  /** Whether trying again can help after this error. */
  readonly when: (error: Error) => boolean;
  readonly logger: Logger;
}

export function handlerRuns({ group, timeout, when, logger }: HandlerRunsOptions): HandlerRuns {
  // In the order of their deadlines, since all may take as long.
  const running = new Set<Run>();
  let timer: NodeJS.Timeout | undefined;
  let gaveUp = false;

  function expire(): void {
    timer = undefined;
    const now = performance.now();
    for (const run of running) {
      if (run.deadline > now) break;
      const { type, id } = run.event;
      const error = tooLate(`The handler of group ${group} for ${type} ${id}`, timeout);
      end(run, failed(error));
      run.abort(error);
    }
    watch();
  }

  /** One timer for the oldest: most end before it, and a timer for each would cost more than a short handler. */
  function watch(): void {
    if (timer !== undefined) return;
    const [oldest] = running;
    if (oldest !== undefined) timer = setTimeout(expire, Math.max(1, oldest.deadline - performance.now()));
  }

  function end(run: Run, outcome: Outcome): void {
    // What comes after its end is not heard: it was too late, and the event comes again.
    if (!running.delete(run)) return;
    if (running.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    run.settle(outcome);
  }

  function failed(thrown: unknown): Outcome {
    const error = toError(thrown);
    return { state: 'failed', error, final: !helps(error) };
  }

  /** Who throws when asked has not said that it cannot help. */
  function helps(error: Error): boolean {
    try {
      return when(error);
    } catch {
      return true;
    }
  }

  return {
    run(handler, event, deliveryCount) {
      if (gaveUp) return givenBack;
      const run = new Run(event);
      const context: HandlerContext = {
        group,
        deliveryCount,
        // Its own property, so that a copy of the context has it too.
        get signal() {
          return run.signal;
        },
        get logger() {
          run.logger ??= boundLogger(logger, { ...eventFacts(event), group, deliveryCount });
          return run.logger;
        },
      };
      let result: unknown;
      try {
        result = withTrace(traceAfter(event), () => handler(event, context));
        if (!isThenable(result)) return handled;
      } catch (thrown) {
        return failed(thrown);
      }
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      run.deadline = performance.now() + timeout;
      run.settle = resolve;
      running.add(run);
      watch();
      Promise.resolve(result).then(
        () => end(run, handled),
        (thrown) => end(run, failed(thrown)),
      );
      return promise;
    },
    giveUp(reason) {
      gaveUp = true;
      for (const run of running) {
        end(run, givenBack);
        run.abort(reason);
      }
    },
  };
}

/** A class, because there is one for every event, and its signal and logger are made only where they are asked for. */
class Run {
  readonly event: DeliveredEvent;
  deadline = 0;
  settle: (outcome: Outcome) => void = () => {};
  logger: Logger | undefined;
  private controller: AbortController | undefined;

  constructor(event: DeliveredEvent) {
    this.event = event;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  /** Also for who asks for the signal afterwards. */
  abort(reason: Error): void {
    this.controller ??= new AbortController();
    this.controller.abort(reason);
  }
}

function isThenable(value: unknown): boolean {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

function tooLate(operation: string, timeout: number): TimeoutError {
  return new TimeoutError({
    operation,
    timeout,
    advice:
      'Its signal was aborted, though the handler may still be running: make it end on its ' +
      "signal, or raise the subscription's timeout.",
  });
}
