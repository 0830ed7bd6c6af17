import type { Middleware, MiddlewarePlace } from '../middleware.ts';
import { PausedError } from '../paused-error.ts';
import { type Circuit, type Outcome, openableCircuit } from './circuit.ts';
import { InvalidMiddlewareError, requireWhole } from './invalid-middleware-error.ts';
import { type Opening, openAfterRatio, openAfterRow } from './opening.ts';

export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default: 5, unless `ratio` is given. */
  readonly failures?: number;
  /** Opens the circuit where this share, above 0 and up to 1, of the last `of` events failed. */
  readonly ratio?: { readonly failed: number; readonly of: number };
  /** Milliseconds that the group pauses until an event is let through on trial. Default: 30,000. */
  readonly openFor?: number;
  /**
   * Which failures count; others are passed on and change nothing. Say what being away looks like, or an event that
   * always fails pauses the group as well, until it is a dead letter. Default: all.
   */
  readonly when?: (error: unknown) => boolean;
  /** Milliseconds from any beginning that do not jump. Default: `performance.now`. */
  readonly clock?: () => number;
}

/**
 * Stops trying what keeps failing: after so many failures the circuit opens and the group is paused in this process, by
 * a PausedError, which is no failed attempt. After `openFor` one event is let through on trial, whose
 * end closes the circuit or opens it again; the others are paused for a moment at a time. Each change is logged once.
 *
 * The failures that open it, and failed trials, are failed attempts of their events. The circuit is kept per group, also
 * over subscriptions that are given the same `circuitBreaker(…)`.
 *
 * @throws InvalidMiddlewareError
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const { openFor = 30_000, when = () => true, clock = () => performance.now() } = options;
  requireWhole('circuitBreaker', 'openFor', openFor);
  const opening = openingOf(options);
  const circuits = new Map<string, Circuit>();

  function circuitOf({ group, logger }: MiddlewarePlace): Circuit {
    return openableCircuit({
      ...opening.start(),
      openFor,
      clock,
      onChange(state, cause) {
        const facts = { group, circuit: state };
        if (state === 'open') {
          const message = `The circuit of group ${group} is open after ${opening.reason}: it pauses for ${openFor} ms`;
          logger.warn({ ...facts, openFor, err: cause }, message);
        } else if (state === 'closed')
          logger.info(facts, `The circuit of group ${group} is closed: it goes on`);
        else
          logger.info(facts, `The circuit of group ${group} is half open: one event is let through on trial`);
      },
    });
  }

  return (next, place) => {
    const { group } = place;
    const circuit = circuits.get(group) ?? circuitOf(place);
    circuits.set(group, circuit);

    return async (event, context) => {
      const pass = circuit.enter();
      if (typeof pass === 'number') {
        throw new PausedError({ for: pass, reason: `the circuit of group ${group} is open` });
      }
      const { signal } = context;
      // One that hangs on has failed all the same, and keeps nobody waiting.
      const onAbort = () => pass.end(isStop(signal) ? 'neither' : 'failure', signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      let outcome: Outcome = 'neither';
      let cause: unknown;
      try {
        await next(event, context);
        outcome = 'success';
      } catch (error) {
        cause = error;
        // What a stop cuts off, or pauses by itself, has not been tried to its end.
        const tried = !(error instanceof PausedError) && !isStop(signal);
        if (tried && when(error)) outcome = 'failure';
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
        pass.end(outcome, cause);
      }
    };
  };
}

function openingOf({ failures, ratio }: CircuitBreakerOptions): Opening {
  if (ratio === undefined) {
    requireWhole('circuitBreaker', 'failures', failures ?? 5);
    return openAfterRow(failures ?? 5);
  }
  if (failures !== undefined) {
    throw new InvalidMiddlewareError('circuitBreaker', 'failures', 'is given beside ratio: give one of them');
  }
  requireWhole('circuitBreaker', 'ratio.of', ratio.of, 100_000);
  if (!(ratio.failed > 0 && ratio.failed <= 1)) {
    const reason = `must be above 0 and at most 1, not ${String(ratio.failed)}`;
    throw new InvalidMiddlewareError('circuitBreaker', 'ratio.failed', reason);
  }
  return openAfterRatio(ratio.failed, ratio.of);
}

function isStop({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as { code?: unknown } | undefined)?.code === 'STOPPED';
}
