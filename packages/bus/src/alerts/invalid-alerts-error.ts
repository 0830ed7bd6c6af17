import { PipitError } from '@pipit/types-registry';

/** Options that no alerts can be sent with. It says nothing of the URL, which is a secret. */
export class InvalidAlertsError extends PipitError {
  readonly code = 'INVALID_ALERTS';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The ${option} of the alerts ${reason}.`);
    this.option = option;
  }
}
