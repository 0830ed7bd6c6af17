import { AssertionError, deepStrictEqual } from 'node:assert/strict';
import { PipitError } from '@pipit/types-registry';

/** The method that a specification ends with: the stack of its failure begins where that was called. */
type Ending = (...args: never[]) => unknown;

/**
 * A specification does not hold. The message says what was given, decided and expected, with the differences; `cause`
 * is what the decision threw, where it did.
 */
export class SpecificationError extends PipitError {
  readonly code = 'SPECIFICATION_FAILED';

  constructor(message: string, ending: Ending, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    Error.captureStackTrace(this, ending);
  }
}

/** @throws SpecificationError with the differences in its message, so that every test runner prints them, and once */
export function compare(actual: unknown, expected: unknown, message: string, ending: Ending): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    const differences = error.message.replace(/^Expected values to be strictly (deep-)?equal:\n+/, '');
    throw new SpecificationError(`${message}:\n${differences.trimEnd()}`, ending);
  }
}
