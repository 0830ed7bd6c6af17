import { encodeAnswer, type Logger } from '@pipit/types-registry';
import { StoppedError } from '../bus-errors.ts';
import { CancelledError } from '../command-errors.ts';
import type { Request, RequestHandler } from '../commands.ts';
import { toError } from '../to-error.ts';
import { within } from '../within.ts';
import { callHandler } from './call-handler.ts';
import type { CheckedHandleOptions } from './check-options.ts';
import type { Deadlines } from './deadlines.ts';
import { failureOf } from './failure.ts';
import type { Form } from './form.ts';
import { createJournal } from './journal.ts';
import type { RequestMiddleware } from './request-middleware.ts';
import type { Answer, Listener } from './transport.ts';
import { createWork, type Work } from './work.ts';

export interface EndpointContext {
  /** The store's name, for the log. */
  readonly store: string;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly around: RequestMiddleware | undefined;
}

/** The requests of one handler in this instance. */
export interface Endpoint extends Listener {
  /** For when no more requests come: waits for those there are, and ends the rest. Never rejects. */
  stop(timeout: number): Promise<void>;
}

export function createEndpoint(
  form: Form,
  handler: RequestHandler<Request>,
  limits: Pick<CheckedHandleOptions, 'concurrency' | 'waiting'>,
  { store, logger, deadlines, around }: EndpointContext,
): Endpoint {
  const { kind, type } = form;
  const running = new Set<Work>();
  const waiting = new Set<Work>();
  const cancellable = new Map<string, Work>();
  const journal = createJournal(form, store, logger);
  const idle = Promise.withResolvers<void>();
  let stopping = false;
  let stopped = false;
  let advancing = false;

  /** Begins with what waits as far as there is room; a handler that is done at once does not begin it again. */
  function advance(): void {
    if (advancing) return;
    advancing = true;
    try {
      for (const work of waiting) {
        if (running.size >= limits.concurrency) break;
        waiting.delete(work);
        begin(work);
      }
    } finally {
      advancing = false;
    }
    if (stopping && running.size + waiting.size === 0) idle.resolve();
  }

  function begin(work: Work): void {
    running.add(work);
    work.startedAt = deadlines.now();
    const { payload, trace } = work.request;
    let data: unknown;
    try {
      data = form.decode(payload);
    } catch (error) {
      refuse(work, toError(error));
      return;
    }
    try {
      const { context } = work;
      const result = callHandler(handler, around, trace, { kind, type, data, context });
      if (isThenable(result)) {
        Promise.resolve(result).then(
          (value) => finish(work, value),
          (reason) => fail(work, toError(reason)),
        );
      } else finish(work, result);
    } catch (thrown) {
      fail(work, toError(thrown));
    }
  }

  /** @returns false where it is too late: what the handler does is of no interest any more */
  function end(work: Work): boolean {
    if (!running.delete(work)) return false;
    forget(work);
    journal.ended(deadlines.now() - work.startedAt);
    return true;
  }

  function forget(work: Work): void {
    deadlines.delete(work);
    if (work.request.id !== undefined) cancellable.delete(work.request.id);
  }

  function finish(work: Work, value: unknown): void {
    if (!end(work)) return;
    try {
      const payload = encodeAnswer(form.definition, value);
      if (!work.cancelled) work.request.answer({ status: 'answered', payload });
    } catch (error) {
      tellFailure(work, toError(error));
    }
    advance();
  }

  function fail(work: Work, err: Error): void {
    if (!end(work)) return;
    if (work.cancelled) journal.cancelled(err);
    else tellFailure(work, err);
    advance();
  }

  function refuse(work: Work, err: Error): void {
    end(work);
    tellRefusal(err, work.request.answer);
    advance();
  }

  function tellRefusal(err: Error, answer: (answer: Answer) => void): void {
    journal.refused(err);
    answer({ status: 'refused', failure: failureOf(err) });
  }

  function tellFailure(work: Work, err: Error): void {
    journal.failed(err);
    if (!work.cancelled) work.request.answer({ status: 'failed', failure: failureOf(err) });
  }

  function expire(work: Work): void {
    forget(work);
    const { timeout } = work.request;
    if (waiting.delete(work)) journal.notBegun(timeout);
    else {
      end(work);
      work.abort(journal.tooLate(timeout, work.cancelled));
    }
    advance();
  }

  return {
    stats: journal.stats,
    request(request) {
      if (stopped) {
        request.answer({ status: 'stopping' });
        return;
      }
      journal.came();
      if (running.size >= limits.concurrency && waiting.size >= limits.waiting) {
        journal.busy(running.size, waiting.size);
        request.answer({ status: 'busy' });
        return;
      }
      const work = createWork(request, deadlines.now(), expire);
      deadlines.add(work);
      if (request.id !== undefined) cancellable.set(request.id, work);
      waiting.add(work);
      advance();
    },
    unreadable(error, answer) {
      journal.came();
      tellRefusal(error, answer);
    },
    cancel(id) {
      const work = cancellable.get(id);
      if (work === undefined) return;
      work.cancelled = true;
      work.abort(new CancelledError(form));
      if (!waiting.delete(work)) return;
      forget(work);
      advance();
    },
    failed: journal.lost,
    async stop(timeout) {
      stopping = true;
      advance();
      const inTime = await within(timeout, idle.promise);
      stopped = true;
      if (inTime) return;
      journal.leftBehind(running.size, waiting.size, timeout);
      for (const work of waiting) {
        waiting.delete(work);
        forget(work);
        work.request.answer({ status: 'stopping' });
      }
      for (const work of running) {
        end(work);
        work.abort(new StoppedError(`The handler of ${kind} ${type}`));
        if (!work.cancelled) work.request.answer({ status: 'stopped' });
      }
    },
  };
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
