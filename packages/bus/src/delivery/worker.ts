import type { Logger } from '@pipit/types-registry';
import type { Handler } from '../bus.ts';
import type { DeliveredEvent } from '../delivered-event.ts';
import { InboxBusyError, InboxUnavailableError, InDoubtError } from '../inbox-errors.ts';
import { PausedError } from '../paused-error.ts';
import { toError } from '../to-error.ts';
import type { HandlerRuns } from './handler-runs.ts';
import { handled, type Outcome } from './outcome.ts';

/** Tries to handle an event that one of the handlers here is for. Never throws or rejects. */
export type Worker = (item: Readable, deliveryCount: number) => Outcome | Promise<Outcome>;

export interface Readable {
  /** @throws UnreadableEventError */
  event(): DeliveredEvent;
}

export interface WorkerOptions {
  readonly store: string;
  readonly group: string;
  readonly handlers: ReadonlyMap<string, Handler<DeliveredEvent>>;
  readonly runs: HandlerRuns;
  readonly logger: Logger;
}

/** Milliseconds until an event is tried again that its inbox could not decide about. */
const inboxPause = 1_000;

export function createWorker({ store, group, handlers, runs, logger }: WorkerOptions): Worker {
  let pausedUntil = 0;
  let said = '';

  function concluded(outcome: Outcome): Outcome {
    if (outcome === handled) said = '';
    if (outcome.state !== 'failed') return outcome;
    const { error } = outcome;
    // Trying again cannot tell what happened.
    if (error instanceof InDoubtError) return { ...outcome, final: true };
    if (error instanceof PausedError) {
      pausedUntil = Math.max(pausedUntil, performance.now() + error.for);
      say(error, `takes no events here for ${error.for} ms: ${error.reason}`);
      return { state: 'postponed', for: error.for };
    }
    if (error instanceof InboxBusyError || error instanceof InboxUnavailableError) {
      say(error, `waits: ${error.message}`);
      return { state: 'postponed', for: inboxPause };
    }
    return outcome;
  }

  /** Once as long as it stays the same. */
  function say(err: Error, what: string): void {
    if (err.message === said) return;
    said = err.message;
    logger.warn({ store, group, err }, `Group ${group} ${what}`);
  }

  return (item, deliveryCount) => {
    const pause = pausedUntil - performance.now();
    if (pause > 0) return { state: 'postponed', for: Math.ceil(pause) };
    try {
      const event = item.event();
      const handler = handlers.get(event.type);
      if (handler === undefined) throw new Error(`there is no handler for ${event.type} here`);
      const outcome = runs.run(handler, event, deliveryCount);
      return outcome instanceof Promise ? outcome.then(concluded) : concluded(outcome);
    } catch (thrown) {
      // What cannot be read here may be read by a newer release, so it is tried again as well.
      return { state: 'failed', error: toError(thrown), final: false };
    }
  };
}
