import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptError } from '../dead-letters.ts';
import { attemptError, died } from './attempt-error.ts';
import { type Begun, countOf, failuresOf, type History, noHistory, withDeath, withError } from './history.ts';
import type { Item } from './item.ts';
import { keptHistories } from './kept-histories.ts';
import type { LetterBox } from './letter-box.ts';
import { handled, type Outcome } from './outcome.ts';
import { type ReportOptions, reportsOf } from './reports.ts';
import type { RetryPolicy } from './retry-policy.ts';

export interface SettleOptions<I extends Item> extends ReportOptions {
  readonly policy: RetryPolicy;
  readonly letters: LetterBox;
  /**
   * In a group that keeps order, the keys behind a dead letter: their events are parked, and one that fails waits in
   * hand for its next try. Without it, it is given back for that long. Added to when there is a new one.
   */
  readonly parked?: Set<string>;
  /** Told which keys wait in hand for the next try of an event, or until it may be tried. */
  readonly waiting?: Set<string>;
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
  const { instance, policy, letters, parked, waiting, stopping, attempt } = options;
  const reports = reportsOf(options);
  const kept = keptHistories(options);

  function settle(item: I): Promise<void> | undefined {
    if (item.deliveryCount > 1 || parked?.has(item.key)) return settleAgain(item).catch(defect(item));
    const outcome = attempt(item, 1);
    if (outcome instanceof Promise) return outcome.then((ended) => settleFirst(item, ended));
    return settleFirst(item, outcome);
  }

  function settleFirst(item: I, outcome: Outcome): Promise<void> | undefined {
    if (outcome === handled) {
      reports.handled(item, 1);
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
    let history = await kept.recall(item);
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
        reports.handled(item, failuresOf(history) + 1);
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
        history = withError(history, failureOf(outcome));
        const tried = countOf(history) + losses;
        const error = outcome.state === 'failed' ? outcome.error : undefined;
        if (tried >= policy.attempts || (outcome.state === 'failed' && outcome.final)) {
          await buryFailed(item, history, failuresOf(history) + losses, error);
          return false;
        }
        const wait = policy.delayAfter(countOf(history));
        reports.retrying(item, history, failuresOf(history) + losses, error, wait);
        const recorded = kept.record(item, history);
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
    let isAnnounced = false;
    const announce = () => {
      isAnnounced = true;
      return kept.untilDone('note that it is tried', item, () => letters.record(item, announced));
    };
    try {
      if (alone) return await attempt(item, deliveryCount, announce);
      await announce();
      return await attempt(item, deliveryCount);
    } finally {
      if (isAnnounced) await kept.survived(item, history);
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
    reports.deadLettered(item, history, attempts, error);
  }

  async function bury(item: I, burial: Parameters<LetterBox['bury']>[1]): Promise<void> {
    await kept.untilDone('keep it as a dead letter', item, () => letters.bury(item, burial));
    parked?.add(item.key);
    item.buried();
  }

  function failureOf(outcome: Outcome & { readonly state: 'failed' | 'lost' }): AttemptError {
    const at = new Date();
    if (outcome.state === 'lost') return died({ at, instance: outcome.instance });
    return attemptError(outcome.error, at, instance);
  }

  /** A stop ends the waiting for a dead letter, a turn or the next try; nothing else should come here. */
  function defect(item: I): (reason: unknown) => void | Promise<void> {
    return (reason) => {
      if (stopping.aborted) return item.giveBack();
      reports.defect(item, reason);
      if (parked === undefined) return item.giveBack(afterDefect);
      // In hand: given back it would be overtaken.
      return blocking(item, delay(afterDefect, undefined, { signal: stopping }))
        .then(() => settleAgain(item))
        .catch(defect(item));
    };
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
        if (!stopping.aborted) reports.defect(item, reason);
        item.giveBack(stopping.aborted ? 0 : afterDefect);
        return false;
      }
    },
  };
}
