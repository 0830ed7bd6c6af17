import { PipitError } from '@pipit/types-registry';

/** An argument that no append, load or read can work with. Nothing was done. */
export class InvalidArgumentError extends PipitError {
  readonly code = 'INVALID_ARGUMENT';
  readonly argument: string;

  constructor(argument: string, reason: string) {
    super(`${argument} ${reason}.`);
    this.argument = argument;
  }
}
