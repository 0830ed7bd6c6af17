import { PipitError } from '@pipit/types-registry';

/** There is no dead letter of this id: it was redriven and handled, discarded, or never was. */
export class DeadLetterNotFoundError extends PipitError {
  readonly code = 'DEAD_LETTER_NOT_FOUND';
  readonly store: string;
  readonly id: string;

  constructor(store: string, id: string) {
    super(
      `Store ${store} has no dead letter ${JSON.stringify(id)}. It may have been handled or discarded; list the dead ` +
        'letters to see what is there.',
    );
    this.store = store;
    this.id = id;
  }
}

/** A parked letter is not redriven by itself: the dead letter before it is what it waits for. */
export class DeadLetterParkedError extends PipitError {
  readonly code = 'DEAD_LETTER_PARKED';
  readonly store: string;
  readonly id: string;
  /** The id of the dead letter that it is parked behind. */
  readonly behind: string;

  constructor(store: string, id: string, behind: string) {
    super(
      `Letter ${JSON.stringify(id)} of store ${store} is parked behind dead letter ${JSON.stringify(behind)}, and was ` +
        'not redriven. Redrive or discard that one: what is parked behind it follows in order.',
    );
    this.store = store;
    this.id = id;
    this.behind = behind;
  }
}
