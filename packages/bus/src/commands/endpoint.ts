import { encodeAnswer, type Logger, TimeoutError, withTrace } from '@pipit/types-registry';
import { StoppedError } from '../bus-errors.ts';
import { CancelledError } from '../command-errors.ts';
import type { Request, RequestHandler } from '../commands.ts';
import type { AroundRequest } from './around.ts';
import type { CheckedHandleOptions } from './check-options.ts';
import type { Deadlines } from './deadlines.ts';
import { failureOf, toError } from './failure.ts';
import type { Form } from './form.ts';
import type { Answer, Listener } from './transport.ts';
import { within } from './within.ts';
import { createWork, type Work } from './work.ts';

export interface EndpointContext {
  /** The store's name, for the log. */
  readonly store: string;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly around: AroundRequest | undefined;
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
  const { kind, type, name } = form;
  const facts = { store, kind, type };
  const running = new Set<Work>();
  const waiting = new Set<Work>();
  const cancellable = new Map<string, Work>();
  const stats = { requests: 0, errors: 0, lastError: undefined as string | undefined, processingTime: 0 };
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
      const call = () => handler({ type, data } as never, context);
      const result = withTrace(trace, () =>
        around === undefined ? call() : around({ kind, type, data, context }, call),
      );
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
    stats.processingTime += deadlines.now() - work.startedAt;
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
    if (work.cancelled)
      logger.info({ ...facts, err }, `${name} was cancelled, and ended with: ${err.message}`);
    else tellFailure(work, err);
    advance();
  }

  function refuse(work: Work, err: Error): void {
    end(work);
    tellRefusal(err, work.request.answer);
    advance();
  }

  function tellRefusal(err: Error, answer: (answer: Answer) => void): void {
    count(err.message);
    logger.warn({ ...facts, err }, `${name} was refused: ${err.message}`);
    answer({ status: 'refused', failure: failureOf(err) });
  }

  function tellFailure(work: Work, err: Error): void {
    count(err.message);
    logger.error({ ...facts, err }, `${name} failed: ${err.message}`);
    if (!work.cancelled) work.request.answer({ status: 'failed', failure: failureOf(err) });
  }

  function count(message: string): void {
    stats.errors += 1;
    stats.lastError = message;
  }

  function expire(work: Work): void {
    forget(work);
    const { timeout } = work.request;
    if (waiting.delete(work)) {
      const message = `${name} was not begun: it waited for its turn until its deadline, ${timeout} ms`;
      count(message);
      logger.warn(facts, message);
    } else {
      end(work);
      const err = tooLate(name, timeout);
      count(err.message);
      if (!work.cancelled) logger.error({ ...facts, err }, err.message);
      work.abort(err);
    }
    advance();
  }

  return {
    stats,
    request(request) {
      if (stopped) {
        request.answer({ status: 'stopping' });
        return;
      }
      stats.requests += 1;
      if (running.size >= limits.concurrency && waiting.size >= limits.waiting) {
        const message = `${name} was refused: ${running.size} are handled and ${waiting.size} wait`;
        count(message);
        logger.warn({ ...facts, running: running.size, waiting: waiting.size }, message);
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
      stats.requests += 1;
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
    failed(err) {
      logger.error({ ...facts, err }, `${name} is not handled here any more: ${err.message}`);
    },
    async stop(timeout) {
      stopping = true;
      advance();
      const inTime = await within(timeout, idle.promise);
      stopped = true;
      if (inTime) return;
      const message = `${name} stops without waiting for ${running.size} handlers, which did not end in ${timeout} ms, and for ${waiting.size} requests`;
      logger.warn({ ...facts, running: running.size, waiting: waiting.size }, message);
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

function tooLate(name: string, timeout: number): TimeoutError {
  return new TimeoutError({
    operation: `The handler of ${name}`,
    timeout,
    advice:
      'Its signal was aborted and its sender does not wait any longer, though it may still be running: make it end on ' +
      'its signal, or send with a longer timeout.',
  });
}
