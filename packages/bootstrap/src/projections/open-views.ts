import type { Projection } from '@pipit/projection';

/**
 * Asks each repository once, so that one that is not there is known at start: a projection that runs would try again for
 * as long as it takes.
 *
 * @throws RepositoryError, NewerTablesError
 */
export async function openViews(projections: readonly Projection[]): Promise<void> {
  await Promise.all(projections.map(({ repository }) => repository.versions.list()));
}
