import { type Logger, noteEvent } from '@pipit/types-registry';
import { shownAggregate } from '../aggregate-of-key.ts';
import type { Alerts } from '../alerts.ts';
import type { AttemptError } from '../dead-letters.ts';
import type { DeliveredEvent } from '../delivered-event.ts';
import type { HandlingOutcome, OperationRecorder } from '../operations.ts';
import { toError } from '../to-error.ts';
import { eventFacts } from './event-facts.ts';
import { failuresOf, type History } from './history.ts';
import type { Item } from './item.ts';

export interface ReportOptions {
  readonly store: string;
  readonly group: string;
  /** Names this bus in what is kept of failures. */
  readonly instance: string;
  readonly logger: Logger;
  /** Told of every dead letter. */
  readonly alerts?: Alerts | undefined;
  /** Told of every attempt, beside the log. */
  readonly recorder?: Pick<OperationRecorder, 'handled'> | undefined;
}

/** Tells the log, operations and people what becomes of the events of a group. */
export interface Reports {
  handled(item: Item, attempt: number): void;
  /** @param count of failures, those of lost members included. @param error what is on record, as it was thrown */
  retrying(item: Item, history: History, count: number, error: Error | undefined, wait: number): void;
  deadLettered(item: Item, history: History, attempts: number, error: Error | undefined): void;
  /** What should not happen. */
  defect(item: Item, reason: unknown): void;
}

export function reportsOf({ store, group, instance, logger, alerts, recorder }: ReportOptions): Reports {
  function log(
    item: Item,
    count: number,
    failure: AttemptError,
    error: Error | undefined,
    then: string,
  ): void {
    const known = knownOf(item);
    const { position } = item;
    const event = eventOf(item);
    const facts =
      event === undefined
        ? { store, position, ...(known.type !== undefined && { eventType: known.type }) }
        : eventFacts(event);
    const err = error ?? Object.assign(new Error(failure.message), { name: failure.name });
    if (event !== undefined) noteEvent(err, event);
    logger.error(
      { ...facts, group, deliveryCount: count, err },
      `Group ${group} failed ${count} times on ${known.type ?? 'an event'} ${known.eventId ?? '(unreadable)'} at ` +
        `position ${position}, ${then}: ${failure.message}`,
    );
  }

  /** Operations are told of events that can be read: of others nobody knows what they belong to. */
  function record(item: Item, attempt: number, outcome: HandlingOutcome, error?: unknown, at?: Date): void {
    if (recorder === undefined) return;
    const event = eventOf(item);
    if (event === undefined) return;
    const facts = 'aggregate' in event ? event : { ...event, aggregate: shownAggregate(item.key) };
    recorder.handled({
      event: facts,
      group,
      attempt,
      outcome,
      instance,
      ...(error !== undefined && { error }),
      ...(at !== undefined && { at }),
    });
  }

  function alert(item: Item, attempts: number, { name, message, at }: AttemptError): void {
    const { type = 'unreadable', eventId = `position ${item.position}` } = knownOf(item);
    const aggregate = shownAggregate(item.key);
    const key = `${aggregate.type} ${aggregate.id}`;
    alerts?.deadLettered({ store, group, type, eventId, key, attempts, error: { name, message }, at });
  }

  return {
    handled: (item, attempt) => record(item, attempt, 'handled'),
    retrying(item, history, count, error, wait) {
      const last = history.errors.at(-1);
      if (last === undefined) return;
      log(item, count, last, error, `again in ${wait} ms`);
      record(item, failuresOf(history), 'retrying', error ?? last);
    },
    deadLettered(item, history, attempts, error) {
      const last = history.errors.at(-1);
      if (last === undefined) return;
      log(item, attempts, last, error, 'added to dead letters');
      alert(item, attempts, last);
      // With the time of the failure, so that it is on record once where it is told again.
      record(item, failuresOf(history), 'dead-lettered', error ?? last, last.at);
    },
    defect({ position }, reason) {
      const err = toError(reason);
      logger.error({ store, group, position, err }, `Group ${group}, position ${position}: ${err.message}`);
    },
  };
}

function eventOf(item: Item): DeliveredEvent | undefined {
  try {
    return item.event();
  } catch {
    // That it cannot be read is the failure itself, which is told where it is tried.
    return undefined;
  }
}

function knownOf(item: Item): { type?: string; eventId?: string } {
  const event = eventOf(item);
  if (event !== undefined) return { type: event.type, eventId: event.id };
  try {
    return { type: item.type() };
  } catch {
    return {};
  }
}
