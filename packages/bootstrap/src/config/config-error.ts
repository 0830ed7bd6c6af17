import { PipitError } from '@pipit/types-registry';

/** One thing that is wrong with the configuration. It never holds a secret's value. */
export interface ConfigProblem {
  /** The option, as `nats.url`, or the variable of the environment, as `NATS_URL`. */
  readonly field: string;
  readonly message: string;
}

/** The configuration cannot be worked with; every problem found is listed. Nothing was started. */
export class ConfigError extends PipitError {
  readonly code = 'CONFIG';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const list = problems.map(({ field, message }) => `${field} ${message}`);
    super(`The configuration has ${problems.length} problem(s). ${list.join('; ')}.`);
    this.problems = problems;
  }
}
