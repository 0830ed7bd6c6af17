import { type AggregateRef, PipitError, type RecordedEvent } from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';

/**
 * @param isStored not so for an event that is about to be stored, if `evolve` can take it
 * @throws EvolveFailedError with what `evolve` threw as its cause
 */
export function evolve(
  aggregate: Aggregate,
  state: unknown,
  event: RecordedEvent,
  isStored: boolean = true,
): unknown {
  try {
    return aggregate.evolve(state, event as never);
  } catch (cause) {
    throw new EvolveFailedError(event, isStored, cause);
  }
}

/**
 * `evolve` threw on an event. Of a stored event, the aggregate cannot be loaded until `evolve` takes it; an event that
 * was decided upon, and that `evolve` cannot take, is not stored.
 */
export class EvolveFailedError extends PipitError {
  readonly code = 'EVOLVE_FAILED';
  readonly store: string;
  readonly aggregate: AggregateRef;
  /** The event's type. */
  readonly type: string;
  readonly revision: number;
  /** Where the event is stored; without it, it is not, and nothing was written. */
  readonly position: number | undefined;

  constructor(event: RecordedEvent, isStored: boolean, cause: unknown) {
    const { aggregate, type, revision, position, store } = event;
    const place = isStored ? `, at position ${position} of store ${store}` : '';
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `evolve of ${aggregate.type} failed on ${type}, revision ${revision} of ${JSON.stringify(aggregate.id)}${place}: ` +
        `${reason}. ${isStored ? '' : 'Nothing was written. '}` +
        'Mend evolve: it takes every event of its aggregate, and returns a new state instead of changing the one it gets.',
      { cause },
    );
    this.store = store;
    this.aggregate = aggregate;
    this.type = type;
    this.revision = revision;
    this.position = isStored ? position : undefined;
  }
}
