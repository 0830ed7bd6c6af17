import type { AggregateRef } from '@pipit/types-registry';

/**
 * Events that a group could not handle, kept with what went wrong until somebody decides.
 *
 * Where the server does not answer, or does not let this connection do it, each call rejects with a ConnectionError,
 * within 10 seconds for what it asks at a time.
 */
export interface DeadLetters {
  /**
   * Newest last; read 250 at a time. Parked events are left out unless asked for. In a cluster, what was decided or kept
   * in the last moment may not show yet.
   */
  list(filter?: DeadLetterFilter): AsyncIterable<DeadLetter>;
  /** `undefined` where there is none of this id, or none any more; also for text that is no id. */
  get(id: string): Promise<DeadLetter | undefined>;
  /**
   * Has the letter's group, and no other, handle it again, with as many attempts as a new event; what is parked behind
   * it follows in order. Resolves when that has been recorded; it happens as soon as the group runs. Asking again while
   * it is under way gives it no more attempts. One that fails again is a dead letter again, under the same id.
   *
   * @throws DeadLetterNotFoundError; DeadLetterParkedError for a parked one, which names the dead letter before it
   */
  redrive(id: string): Promise<void>;
  /**
   * Gives the event up for its group. What is parked behind it is handled. Where this process dies meanwhile the group
   * finishes it, or nothing was done. A handler that is at it already is not stopped: if it fails, there is a dead
   * letter again.
   *
   * @throws DeadLetterNotFoundError
   */
  discard(id: string): Promise<void>;
}

export interface DeadLetterFilter {
  readonly group?: string;
  /** The topic that the event was published to; `null` for events of the store. */
  readonly topic?: string | null;
  /** The type of event. */
  readonly type?: string;
  /** Text that the name or message of the last error contains. */
  readonly error?: string;
  /** Dead since this time, and until before this time. */
  readonly from?: Date;
  readonly to?: Date;
  /** `parked`: what waits behind dead letters. Default: `dead`. */
  readonly state?: 'dead' | 'parked' | 'all';
}

export interface DeadLetter {
  /** The same for the same event and group, also after it was redriven. Fits into a URL as it is. */
  readonly id: string;
  readonly group: string;
  /** `parked`: not tried yet, because an earlier event of its aggregate is a dead letter. */
  readonly state: 'dead' | 'parked';
  /** Of the event; `undefined` where it has none that can be read. */
  readonly type: string | undefined;
  readonly eventId: string | undefined;
  /** Of a topic's event the topic as `type`, and the key as `id`. */
  readonly aggregate: AggregateRef;
  /** Where the event was published to; `undefined` for an event of the store. */
  readonly topic: string | undefined;
  /** In the stream of the store, or of its topics. */
  readonly position: number;
  /** The event as it was stored: its headers, and its payload in the codec they name. */
  readonly message: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };
  /** How often it was tried, before redrives too. */
  readonly attempts: number;
  /**
   * What went wrong, oldest first: as many as `attempts`, but for deaths of a process that nobody saw, and at most the
   * newest 32. Texts that are too long are cut, and say so.
   */
  readonly errors: readonly AttemptError[];
  /** When it became a dead letter, or was parked. */
  readonly at: Date;
}

/** How one attempt to handle an event failed. */
export interface AttemptError {
  readonly at: Date;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  /** The bus that tried: host, process and a part of its own. */
  readonly instance: string;
}
