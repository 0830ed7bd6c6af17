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
