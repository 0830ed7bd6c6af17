import { type Logger, TimeoutError } from '@pipit/types-registry';
import type { Form } from './form.ts';
import type { EndpointStats } from './transport.ts';

/** What an endpoint counts and logs. */
export interface Journal {
  readonly stats: EndpointStats;
  came(): void;
  /** @param milliseconds that the handler had */
  ended(milliseconds: number): void;
  failed(error: Error): void;
  refused(error: Error): void;
  cancelled(error: Error): void;
  busy(running: number, waiting: number): void;
  notBegun(timeout: number): void;
  /** @returns the reason of the handler's signal */
  tooLate(timeout: number, cancelled: boolean): TimeoutError;
  leftBehind(running: number, waiting: number, timeout: number): void;
  lost(error: Error): void;
}

export function createJournal({ kind, type, name }: Form, store: string, logger: Logger): Journal {
  const facts = { store, kind, type };
  const stats = { requests: 0, errors: 0, lastError: undefined as string | undefined, processingTime: 0 };

  function count(message: string): void {
    stats.errors += 1;
    stats.lastError = message;
  }

  return {
    stats,
    came() {
      stats.requests += 1;
    },
    ended(milliseconds) {
      stats.processingTime += milliseconds;
    },
    failed(err) {
      count(err.message);
      logger.error({ ...facts, err }, `${name} failed: ${err.message}`);
    },
    refused(err) {
      count(err.message);
      logger.warn({ ...facts, err }, `${name} was refused: ${err.message}`);
    },
    cancelled(err) {
      logger.info({ ...facts, err }, `${name} was cancelled, and ended with: ${err.message}`);
    },
    busy(running, waiting) {
      const message = `${name} was refused: ${running} are handled and ${waiting} wait`;
      count(message);
      logger.warn({ ...facts, running, waiting }, message);
    },
    notBegun(timeout) {
      const message = `${name} was not begun: it waited for its turn until its deadline, ${timeout} ms`;
      count(message);
      logger.warn(facts, message);
    },
    tooLate(timeout, cancelled) {
      const err = tooLate(name, timeout);
      count(err.message);
      if (!cancelled) logger.error({ ...facts, err }, err.message);
      return err;
    },
    leftBehind(running, waiting, timeout) {
      const message = `${name} stops without waiting for ${running} handlers, which did not end in ${timeout} ms, and for ${waiting} requests`;
      logger.warn({ ...facts, running, waiting }, message);
    },
    lost(err) {
      logger.error({ ...facts, err }, `${name} is not handled here any more: ${err.message}`);
    },
  };
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
