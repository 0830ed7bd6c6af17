import { PipitError } from '@pipit/types-registry';

/** A specification does not hold, or cannot: the message says what was given and how the rows differ. */
export class SpecificationError extends PipitError {
  readonly code = 'SPECIFICATION_FAILED';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
