/**
 * Tells people what the bus could not do. It is never in the way of delivery: nothing here throws or waits, and an alert
 * that cannot be sent is a line in the log.
 */
export interface Alerts {
  /** Returns at once; the alert leaves later, together with others. */
  deadLettered(letter: DeadLetterAlert): void;
  /** Sends what has not been sent, within a time limit, and takes no more. It does not reject. */
  close(): Promise<void>;
}

/** What is said of a dead letter. */
export interface DeadLetterAlert {
  readonly store: string;
  readonly group: string;
  readonly type: string;
  readonly eventId: string;
  /** What the order of events is kept by, such as `post p1`; absent where there is none. */
  readonly key?: string;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly error: { readonly name: string; readonly message: string };
  readonly at: Date;
}
