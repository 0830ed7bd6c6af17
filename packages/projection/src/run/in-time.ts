import { RepositoryError } from '../repository-errors.ts';

/** Longer than any database takes for a batch that it will write at all. */
const patience = 30_000;

/** What a repository answers; where it does not, that is a failure which may pass, and nobody knows what has happened. */
export async function inTime<Answer>(view: string, answer: Promise<Answer>): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new RepositoryError(view, 'unreachable', new Error(`no answer within ${patience} ms`))),
    patience,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
