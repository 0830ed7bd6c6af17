import { RepositoryInUseError } from './projection-errors.ts';

/** The one run that may write to a repository. */
export interface Writer {
  readonly projection: string;
  /** Whether it will write no more than what it has begun. */
  readonly ending: () => boolean;
  /** Resolves when it has written for the last time. */
  readonly ended: Promise<unknown>;
}

const writers = new WeakMap<object, Writer>();

/**
 * Makes the writer the repository's only one: two runs over the same rows would clear each other's and apply events
 * twice. Returns what to await before writing: a run before it that has been told to stop may have a batch to finish.
 *
 * @throws RepositoryInUseError while another one goes on writing
 */
export function becomeWriter(repository: object, writer: Writer): Promise<unknown> {
  const before = writers.get(repository);
  if (before !== undefined && !before.ending()) {
    throw new RepositoryInUseError(writer.projection, before.projection);
  }
  writers.set(repository, writer);
  return before?.ended ?? Promise.resolve();
}
