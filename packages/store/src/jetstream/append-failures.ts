import { ConnectionError, PayloadTooLargeError, PipitError, TimeoutError } from '@pipit/types-registry';
import { namedAggregate, namedIds } from '../append/named-part.ts';
import type { AppendRequest } from '../event-log.ts';
import {
  AppendInDoubtError,
  AppendRejectedError,
  DuplicateEventIdError,
  ReadFailedError,
} from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';

/**
 * Whether an error says for good what became of an append. One of looking what became of it does not, and a refusal of a
 * second try says nothing about the first one, which may still be stored.
 */
export function isFinal(error: unknown, inDoubt: boolean): boolean {
  if (error instanceof ReadFailedError || error instanceof ConnectionError) return false;
  const isRefusal = error instanceof AppendRejectedError || error instanceof PayloadTooLargeError;
  return error instanceof PipitError && !(inDoubt && isRefusal);
}

/** The error of an append whose deadline has passed, or whose connection is closed. */
export function givenUp(
  api: JetStreamApi,
  request: AppendRequest,
  inDoubt: boolean,
  failure: unknown,
): Error {
  const closed = api.connection.isClosed();
  if (inDoubt) {
    const cause = closed ? closedConnection(api, failure) : failure;
    return new AppendInDoubtError(namedAggregate(request.parts), namedIds(request.parts), cause);
  }
  if (closed) return closedConnection(api, failure);
  if (failure instanceof AppendRejectedError) return failure;
  return timedOut(request, failure);
}

export function timedOut(request: AppendRequest, cause?: unknown): TimeoutError {
  const { type, id } = namedAggregate(request.parts);
  return new TimeoutError({
    operation: `Appending to ${type} ${JSON.stringify(id)}`,
    timeout: request.timeout,
    advice:
      'Nothing was written. Check that the server is up and has a leader, or give the append a longer timeout.',
    cause,
  });
}

export function duplicateId(request: AppendRequest): DuplicateEventIdError {
  return new DuplicateEventIdError(namedAggregate(request.parts), namedIds(request.parts));
}
