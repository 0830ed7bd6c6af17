import { PipitError } from '@pipit/types-registry';
import { RepositoryError } from '../repository-errors.ts';

/** Errors of reading a log that pass: the server is away for a while. */
const passing = new Set(['READ_FAILED', 'CONNECTION', 'TIMEOUT']);

/** Whether what failed, of a log or a repository, may go well when it is tried again. */
export function passesInTime(error: unknown): boolean {
  if (error instanceof RepositoryError) return error.passing;
  return error instanceof PipitError && passing.has(error.code);
}
