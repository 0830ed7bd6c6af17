import { type AggregateRef, PipitError } from '@pipit/types-registry';

/** A projection cannot be built aggregate by aggregate, or not into this repository. Nothing was read or written. */
export class FullProjectionRefusedError extends PipitError {
  readonly code = 'FULL_PROJECTION_REFUSED';
  readonly projection: string;

  constructor(projection: string, reason: string, cause?: unknown) {
    super(`Projection ${JSON.stringify(projection)} cannot be built aggregate by aggregate: ${reason}.`, {
      cause,
    });
    this.projection = projection;
  }
}

/** A full projection stopped. What it had saved before stays; no row is half an aggregate. */
export class FullProjectionFailedError extends PipitError {
  readonly code = 'FULL_PROJECTION_FAILED';
  readonly projection: string;
  readonly store: string;
  /** `undefined` where it failed between aggregates: listing them, or saving rows. */
  readonly aggregate: AggregateRef | undefined;
  /** Of the event that could not be read or projected. */
  readonly position: number | undefined;
  readonly type: string | undefined;
  /** How many rows had been saved before. */
  readonly saved: number;

  constructor(facts: {
    readonly projection: string;
    readonly store: string;
    readonly aggregate: AggregateRef | undefined;
    readonly position: number | undefined;
    readonly type: string | undefined;
    readonly saved: number;
    readonly cause: unknown;
  }) {
    const { projection, store, aggregate, position, type, saved, cause } = facts;
    const where = aggregate === undefined ? '' : ` at ${aggregate.type} ${JSON.stringify(aggregate.id)}`;
    const event =
      position === undefined ? '' : `, event ${type ?? '(of unknown type)'}, position ${position},`;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/[.\s]+$/, '');
    super(
      `Full projection ${projection} of store ${store} stopped${where}${event} after ${saved} rows: ${reason}. ` +
        'Those rows stay. Correct the cause and run it again: it begins anew and saves them again.',
      { cause },
    );
    this.projection = projection;
    this.store = store;
    this.aggregate = aggregate;
    this.position = position;
    this.type = type;
    this.saved = saved;
  }
}
