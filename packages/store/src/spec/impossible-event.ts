import { PipitError } from '@pipit/types-registry';

/** A specification names an event that no store can hold, so that what it says could never come about. */
export class ImpossibleEventError extends PipitError {
  readonly code = 'IMPOSSIBLE_EVENT';
  /** Where in the specification it stands. */
  readonly role: 'given' | 'expected';
  /** Its place among those, from 1. */
  readonly place: number;
  readonly type: string;

  /** @param cause what a store refuses it with; an `InvalidPayloadError` says where in the payload */
  constructor(role: 'given' | 'expected', place: number, type: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The ${role} event ${place}, ${type}, is impossible: no store takes it. ${reason}`, { cause });
    this.role = role;
    this.place = place;
    this.type = type;
  }
}
