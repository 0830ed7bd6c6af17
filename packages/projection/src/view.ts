import { setTimeout as delay } from 'node:timers/promises';
import type { Projection } from './define-projection.ts';
import { ProjectionBehindError, ProjectionStoppedError } from './projection-errors.ts';
import type { ReadRepository, ViewVersion } from './repository.ts';
import { RepositoryError } from './repository-errors.ts';
import { inTime } from './run/in-time.ts';
import { progressOf } from './run/progress-of.ts';
import type { WaitOptions } from './run/running-projection.ts';
import { checkTimeout, positionAwaited } from './run/wait-arguments.ts';

/** The rows of a projection as readers see them: those of the version that is active, whichever process builds it. */
export interface View<Row> extends ReadRepository<Row> {
  readonly name: string;
  /**
   * Waits until the rows show everything up to a position: what an append returned, for example. Who builds them may be
   * another process. At the moment when another version takes over, it may be a little behind the one before.
   *
   * @throws ProjectionBehindError when the time is up, with how far the rows are, and why where that is known;
   * ProjectionFailedError where this process builds them and has failed, unless others have got as far; RepositoryError
   * where asking does not pass
   */
  waitFor(position: number | { readonly position: number }, options?: WaitOptions): Promise<void>;
  /** Up to here the rows show the log; 0 where there are none. @throws RepositoryError */
  position(): Promise<number>;
}

const firstPause = 10;
const longestPause = 250;

/** Opens the rows of a projection for reading. No process need run the projection for it, this one or another. */
export function viewOf<Row>({ name, repository }: Projection<Row>): View<Row> {
  const { get, getMany, find, page, versions } = repository;

  async function active(): Promise<ViewVersion | undefined> {
    return (await inTime(repository.name, versions.list())).find((version) => version.active);
  }

  async function waitFor(position: number, timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    const left = () => deadline - performance.now();
    let reached = 0;
    let failure: unknown;
    for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
      try {
        const version = await active();
        reached = positionOf(version);
        if (reached >= position) return;
        // A run of this process knows it sooner.
        const progress = version && progressOf(repository, version.version);
        if (progress !== undefined) return await progress.waitFor(position, Math.max(0, left()));
        failure = undefined;
      } catch (error) {
        if (error instanceof ProjectionBehindError)
          throw new ProjectionBehindError(name, position, error.position, timeout, error.cause);
        // Other processes may go on.
        const mayPass =
          error instanceof RepositoryError ? error.passing : error instanceof ProjectionStoppedError;
        if (!mayPass) throw error;
        failure = error;
      }
      if (left() <= 0) throw new ProjectionBehindError(name, position, reached, timeout, failure);
      await delay(Math.min(pause, Math.max(1, left())));
    }
  }

  return {
    name,
    get,
    getMany,
    find,
    page,
    position: async () => positionOf(await active()),
    async waitFor(target, { timeout = 5_000 } = {}) {
      checkTimeout(name, timeout);
      await waitFor(positionAwaited(name, target), timeout);
    },
  };
}

function positionOf(version: ViewVersion | undefined): number {
  return version === undefined ? 0 : Math.min(...version.checkpoints);
}
