import { PipitError } from '@pipit/types-registry';

/**
 * Thrown in a handler or a middleware, it is no failed attempt: the group takes no events in this process for `for`
 * milliseconds, then the event comes again.
 */
export class PausedError extends PipitError {
  readonly code = 'PAUSED';
  /** Milliseconds. */
  readonly for: number;
  readonly reason: string;

  constructor(facts: { readonly for: number; readonly reason: string; readonly cause?: unknown }) {
    const milliseconds = Math.max(0, Math.ceil(facts.for));
    super(
      `Paused for ${milliseconds} ms: ${facts.reason}. The event was not attempted, and comes again after that.`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.for = milliseconds;
    this.reason = facts.reason;
  }
}
