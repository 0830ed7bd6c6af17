import type { ProblemMapper } from '@pipit/bootstrap/fastify';
import { UnauthorizedError } from '../admin/bearer-token.ts';
import { AlreadyPublishedError, NotFoundError } from '../refusals.ts';

/** What the blog's own errors mean to callers; what Pipit's mean it knows itself. */
export const blogProblems: ProblemMapper = (error) => {
  if (error instanceof UnauthorizedError) return { status: 401, code: 'UNAUTHORIZED', detail: error.message };
  if (error instanceof AlreadyPublishedError)
    return { status: 409, code: 'ALREADY_PUBLISHED', detail: error.message };
  if (error instanceof NotFoundError) {
    const { field, message } = error;
    const errors = field === undefined ? undefined : [{ field, message }];
    return { status: 404, code: 'NOT_FOUND', detail: message, errors };
  }
  return undefined;
};
