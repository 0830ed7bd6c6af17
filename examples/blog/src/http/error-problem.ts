import { DeadLetterNotFoundError, DeadLetterParkedError } from '@pipit/bus';
import { InvalidQueryError, RepositoryError } from '@pipit/projection';
import { NoAttentionNeededError, SagaNotFoundError } from '@pipit/saga';
import { ConflictError } from '@pipit/store';
import { InvalidSubjectTokenError, PipitError } from '@pipit/types-registry';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { UnauthorizedError } from '../admin/bearer-token.ts';
import { AlreadyPublishedError, NotFoundError } from '../refusals.ts';
import { createProblem, type FieldError, type Problem } from './problem.ts';
import { PreconditionFailedError } from './revision.ts';

/** Errors that pass: the server is away, or a view is late. */
const passing = new Set([
  'CONNECTION',
  'TIMEOUT',
  'APPEND_IN_DOUBT',
  'READ_FAILED',
  'OPERATION_NOT_RECORDED',
  'OPERATIONS_READ',
  'PROJECTION_BEHIND',
  'PROJECTION_FAILED',
  'PROJECTION_STOPPED',
  'SAGA_BEHIND',
  'SAGAS_STOPPED',
]);

/** What an error means to the caller. Only what he can act on is told; the rest is a 500 without details. */
export function problemOf(error: unknown): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = error.validationContext ?? 'request';
    const errors = error.validation.flatMap((invalid) => fieldErrors(invalid, place));
    return createProblem(400, 'The request does not fit; see errors.', errors);
  }
  if (error instanceof UnauthorizedError) return createProblem(401, error.message);
  if (error instanceof DeadLetterNotFoundError) {
    return createProblem(404, 'There is no dead letter with this id, or none any more.');
  }
  if (error instanceof DeadLetterParkedError) return createProblem(409, error.message);
  if (error instanceof SagaNotFoundError) return createProblem(404, 'There is no saga with this id.');
  if (error instanceof NoAttentionNeededError) return createProblem(409, error.message);
  if (error instanceof NotFoundError) {
    const { field, message } = error;
    return createProblem(404, message, field === undefined ? undefined : [{ field, message }]);
  }
  // Too long, or empty: nothing can have such an id.
  if (error instanceof InvalidSubjectTokenError) return createProblem(404, 'There is nothing with this id.');
  if (error instanceof AlreadyPublishedError) return createProblem(409, error.message);
  if (error instanceof PreconditionFailedError) return createProblem(412, error.message);
  if (error instanceof ConflictError) {
    return createProblem(
      409,
      'Others are changing the same thing right now. Read it again, then decide again.',
    );
  }
  if (error instanceof UnavailableError) return createProblem(503, error.message);
  if (error instanceof PipitError && error.code === 'PAYLOAD_TOO_LARGE') {
    return createProblem(413, 'The body is larger than the store takes.');
  }
  // All that a caller hands on as it is: where a page begins.
  if (error instanceof InvalidQueryError && error.part === 'after') {
    return createProblem(400, error.message, [{ field: error.part, message: error.message }]);
  }
  if (mayPass(error)) {
    return createProblem(503, 'NATS, the database or a view is not there at the moment. Try again soon.');
  }
  const status = statusOf(error);
  return status < 500 && error instanceof Error
    ? createProblem(status, error.message)
    : createProblem(500, 'Something went wrong here. It has been logged.');
}

function mayPass(error: unknown): boolean {
  if (error instanceof RepositoryError) return error.passing;
  return error instanceof PipitError && passing.has(error.code);
}

/** The blog cannot answer now, and knows it without trying. */
export class UnavailableError extends Error {}

/** Fastify's own errors say which status they mean. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}

interface Invalid {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

function fieldErrors(
  { keyword, instancePath, message = 'is wrong', params }: Invalid,
  place: string,
): FieldError[] {
  const strangers = keyword === 'unrecognized_keys' ? (params['keys'] as readonly string[]) : [];
  if (strangers.length > 0)
    return strangers.map((field) => ({ field, message: 'is not a field of this request' }));
  const field = instancePath.slice(1).replaceAll('/', '.');
  return [{ field: field === '' ? `(${place})` : field, message }];
}
