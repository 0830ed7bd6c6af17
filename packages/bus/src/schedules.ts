import type { EventDefinition, NewEventOf } from '@pipit/types-registry';
import type { Topic } from './topics.ts';

/**
 * Publishes integration events to topics later, once or again and again. The server keeps the schedules and fires them,
 * also when no process of yours is running; subscribers of the topic get what is fired like anything published.
 *
 * Each schedule has an id of your choice, and setting it again replaces what it was. Times are UTC. Fired events are at
 * most about 250 ms late while the server is up; what came due while it was down is fired when it is back, a repeating
 * schedule once for all that it missed.
 *
 * Not promised: anything below that precision, and that what is replaced or cancelled as it comes due does not fire.
 */
export interface Schedules {
  /**
   * Fires once, at a time; at once where that is past. Setting it again replaces it, also after it has fired, and then it
   * fires again.
   *
   * @param id any text that takes at most 128 bytes as a subject token
   * @throws InvalidScheduleError, InvalidPayloadError, UnknownEventTypeError, InvalidEventError,
   * InvalidSubjectTokenError, PayloadTooLargeError, ScheduleRefusedError, TimeoutError: nothing was changed
   * @throws ScheduleInDoubtError where it may have been set; setting it again is safe
   * @throws ConnectionError, StoppedError
   */
  at<D extends EventDefinition>(
    id: string,
    when: Date,
    topic: Topic<string, D>,
    key: string,
    event: NewEventOf<NoInfer<D>>,
    options?: ScheduleOptions,
  ): Promise<void>;
  /**
   * Fires every so many milliseconds, for the first time after as many. A schedule that is there with the same interval,
   * topic, key and event goes on as it is, so that this may be called at every start of a process.
   *
   * @param milliseconds 1,000 or more; the server counts from the full second
   * @throws as `at`; InvalidScheduleError also for an event with an id or a time of its own, since each firing has one
   */
  every<D extends EventDefinition>(
    id: string,
    milliseconds: number,
    topic: Topic<string, D>,
    key: string,
    event: NewEventOf<NoInfer<D>>,
    options?: ScheduleOptions,
  ): Promise<void>;
  /**
   * Fires when the time matches, in UTC. A schedule that is there with the same expression, topic, key and event goes on
   * as it is.
   *
   * @param expression six fields: second, minute, hour, day of month, month, day of week (0 is Sunday); each `*`, a
   * number, a name (`mon`, `jan`), a range, a list or steps. Where both days are given, either may match. Or `@yearly`,
   * `@monthly`, `@weekly`, `@daily`, `@hourly`.
   * @throws as `every`
   */
  cron<D extends EventDefinition>(
    id: string,
    expression: string,
    topic: Topic<string, D>,
    key: string,
    event: NewEventOf<NoInfer<D>>,
    options?: ScheduleOptions,
  ): Promise<void>;
  /**
   * Fulfilled when it cannot fire any more.
   *
   * @returns whether there was one to cancel; false also where the answer that said so was lost
   * @throws InvalidSubjectTokenError, ScheduleRefusedError, TimeoutError, ConnectionError
   */
  cancel(id: string): Promise<boolean>;
  /** @throws InvalidSubjectTokenError, TimeoutError, ConnectionError */
  get(id: string): Promise<Schedule | undefined>;
  /**
   * All that will fire, in the order they were set. Payloads are not decoded. One that was set a moment ago may be missing
   * on a cluster; `get` sees it.
   *
   * @throws TimeoutError, ConnectionError
   */
  list(): Promise<readonly Schedule[]>;
  /** Sets nothing more. The schedules stay, and the connection stays open. */
  close(): void;
}

export interface ScheduleOptions {
  /** Milliseconds to wait for connection and answer, 1 to 100,000. Default: 10,000. */
  readonly timeout?: number;
}

/** When a schedule fires: at a time, every so many milliseconds, or by a cron expression in UTC. */
export type Timing =
  | { readonly kind: 'at'; readonly at: Date }
  | { readonly kind: 'every'; readonly every: number }
  | { readonly kind: 'cron'; readonly cron: string };

/** A schedule that is set and will fire. */
export interface Schedule {
  readonly id: string;
  readonly timing: Timing;
  /** When it fires next; `undefined` for `every`, whose beat only the server knows. Past where it is overdue. */
  readonly next: Date | undefined;
  readonly topic: string;
  readonly key: string;
  /** The type of the event. */
  readonly type: string;
  /** When it was set, by the server's clock. */
  readonly setAt: Date;
}
