/**
 * Remembers which group has handled which event, so that an event that comes again has no second effect. It lasts until
 * an entry expires; an event that comes again after that is handled again.
 *
 * Implementations: `bus/jetstream` (a key-value bucket), `bus/memory`; both run `testInbox` of `bus/testing`. One in the
 * database that the effect is written to can do better: with guard and effect in one transaction nothing is ever in doubt.
 */
export interface Inbox {
  /**
   * Runs the effect, unless it is known to have happened. Of those who ask at the same moment one runs it; the others
   * wait for its end, for a while.
   *
   * An effect that rejects has not happened: it is forgotten, and the next to ask runs it.
   *
   * @throws what the effect throws; InboxBusyError where another is at it; InDoubtError where the process that was at it
   * has died and `onDoubt` is `fail`; InboxUnavailableError, where the effect was not run; the signal's reason
   */
  once(key: InboxKey, effect: () => Promise<void>, options: OnceOptions): Promise<OnceOutcome>;

  /**
   * Forgets the event, so that it is handled when it comes again: what a person does who has found out that an effect in
   * doubt did not happen, before the dead letter is sent again.
   *
   * @returns whether there was something to forget.
   * @throws InboxBusyError where a living process is at it; InboxUnavailableError
   */
  forget(key: InboxKey): Promise<boolean>;
}

export interface InboxKey {
  readonly group: string;
  readonly eventId: string;
}

export interface OnceOptions {
  /** What to do where nobody knows whether the effect happened, because the process that was at it has died. */
  readonly onDoubt: DoubtChoice | ((doubt: Doubt) => DoubtChoice | Promise<DoubtChoice>);
  /** Ends waiting for another who is at it. It does not end the effect. */
  readonly signal?: AbortSignal;
}

/**
 * `fail`: throw InDoubtError and leave it to a person. `repeat`: run the effect, perhaps for the second time. `skip`:
 * count it as done, though perhaps it never was.
 */
export type DoubtChoice = 'fail' | 'repeat' | 'skip';

export interface Doubt extends InboxKey {
  /** When the process that has died began the effect, by its own clock. */
  readonly begunAt: Date;
}

/** `done`: the effect ran, now. `repeated`: it had run before. `skipped`: in doubt, and `onDoubt` chose `skip`. */
export type OnceOutcome = 'done' | 'repeated' | 'skipped';
