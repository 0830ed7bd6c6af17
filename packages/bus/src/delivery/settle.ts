import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@pipit/types-registry';
import pRetry from 'p-retry';
import { shownAggregate } from '../aggregate-of-key.ts';
import type { Alerts } from '../alerts.ts';
import type { AttemptError } from '../dead-letters.ts';
import type { DeliveredEvent } from '../delivered-event.ts';
import type { HandlingOutcome, OperationRecorder } from '../operations.ts';
import { toError } from '../to-error.ts';
import { attemptError, died } from './attempt-error.ts';
import { eventFacts } from './event-facts.ts';
import { type Begun, countOf, failuresOf, type History, noHistory, withDeath, withError } from './history.ts';
import type { Item } from './item.ts';
import type { LetterBox } from './letter-box.ts';
import { handled, type Outcome } from './outcome.ts';
import type { RetryPolicy } from './retry-policy.ts';

export interface SettleOptions<I extends Item> {
  readonly store: string;
  readonly group: string;
  /** Names this bus in what is kept of failures. */
  readonly instance: string;
  readonly policy: RetryPolicy;
  readonly letters: LetterBox;
  readonly logger: Logger;
  /**
   * In a group that keeps order, the keys behind a dead letter: their events are parked, and one that fails waits in
   * hand for its next try. Without it, it is given back for that long. Added to when there is a new one.
   */
  readonly parked?: Set<string>;
  /** Told which keys wait in hand for the next try of an event, or until it may be tried. */
  readonly waiting?: Set<string>;
  /** Told of every dead letter. */
  readonly alerts?: Alerts | undefined;
  /** Told of every attempt, beside the log. */
  readonly recorder?: Pick<OperationRecorder, 'handled'> | undefined;
  /** Aborts when nothing new is to begin. */
  readonly stopping: AbortSignal;
  /**
   * Takes its turn and tries. Where there is something to `announce`, nothing else runs there meanwhile; it is
   * announced in between, and waited for, where this process is the one that tries. Rejects only with what `announce`
   * rejects with.
   */
  attempt(item: I, deliveryCount: number, announce?: Announce): Outcome | Promise<Outcome>;
}

/** How often an event may come without an explanation before it is tried alone: it may be what ends its process. */
const unexplainedDeliveries = 3;
/** Milliseconds until an event comes again after what should not happen. */
const afterDefect = 5_000;

/** Notes that an event is about to be tried alone. */
export type Announce = () => Promise<void>;

export interface Settler<I extends Item> {
  /**
   * Takes an event to its end: handled, a dead letter, parked, or given back. Returns nothing where that was at once;
   * never rejects.
   */
  settle(item: I): Promise<void> | undefined;
  /** Does it for an event that has been a dead letter or parked. Tells whether it has been handled. */
  resume(item: I, history: History): Promise<boolean>;
}

export function settler<I extends Item>(options: SettleOptions<I>): Settler<I> {
  const { store, group, instance, policy, letters, logger, parked, waiting, stopping, attempt } = options;
  const { alerts, recorder } = options;

  function settle(item: I): Promise<void> | undefined {
    if (item.deliveryCount > 1 || parked?.has(item.key)) return settleAgain(item).catch(defect(item));
    const outcome = attempt(item, 1);
    if (outcome instanceof Promise) return outcome.then((ended) => settleFirst(item, ended));
    return settleFirst(item, outcome);
  }

  function settleFirst(item: I, outcome: Outcome): Promise<void> | undefined {
    if (outcome === handled) {
      tell(item, 1, 'handled');
      item.ack();
      return undefined;
    }
    return conclude(item, noHistory, outcome, false).then(undefined, defect(item));
  }

  async function settleAgain(item: I): Promise<void> {
    if (parked?.has(item.key)) {
      await bury(item, { state: 'parked', history: noHistory, attempts: 0, at: new Date() });
      return;
    }
    let history = await recall(item);
    if (hasEnded(history)) return buryFailed(item, history, failuresOf(history), undefined, true);
    if (history.begun !== undefined) {
      history = withDeath(history, history.begun);
      const unexplained = item.deliveryCount - 1 - failuresOf(history);
      // Of many deaths of its process most may have been for another event.
      const unrecorded = Math.max(0, Math.min(unexplained, unexplainedDeliveries));
      if (countOf(history) + unrecorded >= policy.attempts && countOf(history) > 0) {
        return buryFailed(item, history, failuresOf(history) + unrecorded);
      }
    }
    const explained = parked === undefined ? failuresOf(history) : 0;
    const alone = item.deliveryCount - 1 - explained >= unexplainedDeliveries;
    await conclude(item, history, await tryAgain(item, history, alone), alone);
  }

  /** Goes on from the outcome of an attempt to the end. Tells whether it is `handled`. */
  async function conclude(
    item: I,
    before: History,
    first: Outcome,
    isAlone: boolean,
    isNoted = false,
  ): Promise<boolean> {
    let history = before;
    let outcome = first;
    let alone = isAlone;
    let losses = 0;
    for (;;) {
      if (outcome.state === 'handled') {
        tell(item, failuresOf(history) + 1, 'handled');
        item.ack();
        return true;
      }
      if (outcome.state === 'given-back') {
        item.giveBack();
        return false;
      }
      if (outcome.state === 'postponed') {
        await blocking(item, delay(outcome.for, undefined, { signal: stopping }));
      } else if (outcome.state === 'lost' && !alone) {
        losses += 1;
        alone = losses >= unexplainedDeliveries;
      } else {
        const failure = failureOf(outcome);
        history = withError(history, failure);
        const tried = countOf(history) + losses;
        const error = outcome.state === 'failed' ? outcome.error : undefined;
        if (tried >= policy.attempts || (outcome.state === 'failed' && outcome.final)) {
          await buryFailed(item, history, failuresOf(history) + losses, error);
          return false;
        }
        const wait = policy.delayAfter(countOf(history));
        say(item, failuresOf(history) + losses, failure, error, `again in ${wait} ms`);
        tell(item, failuresOf(history), 'retrying', error ?? failure);
        const recorded = record(item, history);
        if (parked === undefined) {
          await recorded;
          item.giveBack(wait);
          return false;
        }
        await blocking(item, Promise.all([recorded, delay(wait, undefined, { signal: stopping })]));
      }
      outcome = await tryAgain(item, history, alone, isNoted);
    }
  }

  /** In hand, and nothing of its key goes on meanwhile. */
  async function blocking({ key }: I, until: Promise<unknown>): Promise<void> {
    waiting?.add(key);
    try {
      await until;
    } finally {
      waiting?.delete(key);
    }
  }

  /** What runs alone is announced, so that its process need not survive it for the attempt to count. */
  async function tryAgain(item: I, history: History, alone: boolean, noted = false): Promise<Outcome> {
    const deliveryCount = Math.max(item.deliveryCount, failuresOf(history) + 1);
    if (!alone && !noted) return attempt(item, deliveryCount);
    const begun: Begun = { at: new Date(), instance, ...(!alone && { beside: true }) };
    const announced = { ...history, begun };
    const note = (noted: History) => () => letters.record(item, noted);
    let isAnnounced = false;
    const announce = () => {
      isAnnounced = true;
      return untilDone('note that it is tried', item, note(announced));
    };
    try {
      if (alone) return await attempt(item, deliveryCount, announce);
      await announce();
      return await attempt(item, deliveryCount);
    } finally {
      if (isAnnounced) await survived(item, note(history));
    }
  }

  /** What is left standing would say that it was not survived. Not even a stop may leave it. */
  async function survived(item: I, note: () => Promise<void>): Promise<void> {
    try {
      await untilDone('note that it was survived', item, note);
    } catch {
      try {
        await pRetry(note, { retries: 5, minTimeout: 100 });
      } catch (err) {
        const { position } = item;
        const message = `Group ${group} stops, and could not note that position ${position} was survived, which may count as a failure`;
        logger.warn({ store, group, position, err }, message);
      }
    }
  }

  /** An event that comes again is handled also where nobody can say how often it has failed. */
  async function recall({ position }: I): Promise<History> {
    try {
      return await pRetry(() => letters.history(position), { retries: 3, minTimeout: 100, signal: stopping });
    } catch (reason) {
      if (stopping.aborted) throw reason;
      const err = toError(reason);
      const message = `Group ${group} could not look up how position ${position} has failed before: ${err.message}`;
      logger.warn({ store, group, position, err }, message);
      return noHistory;
    }
  }

  async function record(item: I, history: History): Promise<void> {
    try {
      await letters.record(item, history);
    } catch (err) {
      const { position } = item;
      const message = `Group ${group} could not keep how position ${position} failed, and tries it again all the same`;
      logger.warn({ store, group, position, err }, message);
    }
  }

  /** A process may have died between the end of an event and its acknowledgement, or before the letter was kept. */
  function hasEnded(history: History): boolean {
    return history.begun === undefined && (history.ended === true || countOf(history) >= policy.attempts);
  }

  /** @param again nothing has been tried since it ended */
  async function buryFailed(
    item: I,
    failed: History,
    attempts: number,
    error?: Error,
    again = false,
  ): Promise<void> {
    const history: History = { ...failed, ended: true };
    await bury(item, { state: 'dead', history, attempts, at: new Date(), ...(again && { again }) });
    const last = history.errors.at(-1);
    if (last === undefined) return;
    say(item, attempts, last, error, 'added to dead letters');
    const { type = 'unreadable', eventId = `position ${item.position}` } = knownOf(item);
    const { name, message, at } = last;
    const aggregate = shownAggregate(item.key);
    const key = `${aggregate.type} ${aggregate.id}`;
    alerts?.deadLettered({ store, group, type, eventId, key, attempts, error: { name, message }, at });
    // With the time of the failure, so that it is on record once where it is told again.
    tell(item, failuresOf(history), 'dead-lettered', error ?? last, at);
  }

  async function bury(item: I, burial: Parameters<LetterBox['bury']>[1]): Promise<void> {
    await untilDone('keep it as a dead letter', item, () => letters.bury(item, burial));
    parked?.add(item.key);
    item.buried();
  }

  /** Goes on trying until it is done, or it is time to stop. */
  async function untilDone<T>(doing: string, { position }: I, work: () => Promise<T>): Promise<T> {
    let said = '';
    return pRetry(work, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 100,
      maxTimeout: 5_000,
      signal: stopping,
      onFailedAttempt({ error: err }) {
        if (err.message === said) return;
        said = err.message;
        const message = `Group ${group} holds the event at position ${position}, and could not ${doing} yet: ${said}`;
        logger.warn({ store, group, position, err }, message);
      },
    });
  }

  function failureOf(outcome: Outcome & { readonly state: 'failed' | 'lost' }): AttemptError {
    const at = new Date();
    if (outcome.state === 'lost') return died({ at, instance: outcome.instance });
    return attemptError(outcome.error, at, instance);
  }

  function say(item: I, count: number, failure: AttemptError, error: Error | undefined, then: string): void {
    const known = knownOf(item);
    const { position } = item;
    const event = eventOf(item);
    const facts =
      event === undefined
        ? { store, position, ...(known.type !== undefined && { eventType: known.type }) }
        : eventFacts(event);
    const err = error ?? Object.assign(new Error(failure.message), { name: failure.name });
    logger.error(
      { ...facts, group, deliveryCount: count, err },
      `Group ${group} failed ${count} times on ${known.type ?? 'an event'} ${known.eventId ?? '(unreadable)'} at ` +
        `position ${position}, ${then}: ${failure.message}`,
    );
  }

  /** Operations are told of events that can be read: of others nobody knows what they belong to. */
  function tell(item: I, attempt: number, outcome: HandlingOutcome, error?: unknown, at?: Date): void {
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

  /** A stop ends the waiting for a dead letter, a turn or the next try; nothing else should come here. */
  function defect(item: I): (reason: unknown) => void | Promise<void> {
    return (reason) => {
      if (stopping.aborted) return item.giveBack();
      sayDefect(item, reason);
      if (parked === undefined) return item.giveBack(afterDefect);
      // In hand: given back it would be overtaken.
      return blocking(item, delay(afterDefect, undefined, { signal: stopping }))
        .then(() => settleAgain(item))
        .catch(defect(item));
    };
  }

  function sayDefect({ position }: I, reason: unknown): void {
    const err = toError(reason);
    logger.error({ store, group, position, err }, `Group ${group}, position ${position}: ${err.message}`);
  }

  /** Nobody counts how often a letter has been delivered, so what is tried of it is noted each time. */
  async function resumeNoted(item: I, found: History): Promise<boolean> {
    if (hasEnded(found)) {
      await buryFailed(item, found, failuresOf(found));
      return false;
    }
    const alone = found.begun !== undefined;
    const history = found.begun === undefined ? found : withDeath(found, found.begun);
    if (alone && countOf(history) >= policy.attempts) {
      await buryFailed(item, history, failuresOf(history));
      return false;
    }
    return conclude(item, history, await tryAgain(item, history, alone, true), alone, true);
  }

  return {
    settle,
    async resume(item, history) {
      try {
        return await resumeNoted(item, history);
      } catch (reason) {
        if (!stopping.aborted) sayDefect(item, reason);
        item.giveBack(stopping.aborted ? 0 : afterDefect);
        return false;
      }
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
