import type { AppConfig } from '@pipit/bootstrap';
import type { RepositoryError } from '@pipit/projection';
import { viewsFolder } from './database.ts';

/** Why the blog cannot start with this database, for people. The URL may hold a password, so it is not repeated. */
export function databaseProblem({ cause, reason }: RepositoryError, config: AppConfig): Error {
  // A name with several addresses has an error for each.
  const said = (cause instanceof AggregateError ? cause.errors : [cause]).map((error) =>
    error instanceof Error ? error.message : String(error),
  );
  const advice =
    config.databaseUrl === undefined
      ? `Delete ${viewsFolder(config)}, and they are built anew.`
      : 'Check DATABASE_URL.';
  return new Error(`The database of the views cannot be used (${reason}: ${said.join(', ')}). ${advice}`, {
    cause,
  });
}
