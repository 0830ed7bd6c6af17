import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { PipitError } from '@pipit/types-registry';
import { RepositoryError, type RepositoryErrorReason } from '../repository-errors.ts';

/** JetStream API error codes, nats-server's server/errors.json. */
const reasons: Readonly<Record<number, RepositoryErrorReason>> = {
  // Insufficient resources, and limits of the account.
  10002: 'full',
  10023: 'full',
  10028: 'full',
  10047: 'full',
  // The cluster has no leader, or is not ready for this.
  10004: 'unreachable',
  10008: 'unreachable',
  10009: 'unreachable',
  10118: 'unreachable',
  // Another write of the same key is on its way; too many batches are.
  10163: 'busy',
  10164: 'busy',
  10176: 'busy',
  10210: 'busy',
};

const storeFailed = 10077;
const streamNotFound = 10059;

/** What the caller of a repository gets for what the client threw. */
export function kvFailure(view: string, error: unknown): unknown {
  return error instanceof PipitError ? error : new RepositoryError(view, reasonOf(error), error);
}

/** Whether the same may go well a moment later: the server is starting, has no leader, or is at another write. */
export function mayPass(error: unknown): boolean {
  if (error instanceof PipitError) return false;
  const reason = reasonOf(error);
  return reason === 'unreachable' || reason === 'busy';
}

/** Rows have been written by somebody else since they were loaded. */
export class RowsChangedError extends Error {
  constructor(view: string) {
    super(`rows of ${view} have changed since they were loaded`);
  }
}

/** Not all rows came. */
export class ScanBrokenError extends Error {}

/** Whether the server says that there is no such bucket. */
export function isMissingBucket(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === streamNotFound;
}

function reasonOf(error: unknown): RepositoryErrorReason {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof errors.PermissionViolationError || at instanceof errors.AuthorizationError)
      return 'forbidden';
    if (at instanceof JetStreamApiError) return ofServer(at);
    if (at instanceof RowsChangedError) return 'busy';
    if (isConnectionTrouble(at)) return 'unreachable';
  }
  return 'failed';
}

function ofServer({ code, status, message }: JetStreamApiError): RepositoryErrorReason {
  if (code === storeFailed) return /maximum|no space|insufficient|exceeded/.test(message) ? 'full' : 'failed';
  // Without a code of JetStream's own it is the replication below that did not do it.
  return reasons[code] ?? (code === undefined && status === 503 ? 'unreachable' : 'failed');
}

function isConnectionTrouble(error: Error): boolean {
  return (
    error instanceof ScanBrokenError ||
    // What a consumer says that has no leader yet, or has been lost.
    error instanceof JetStreamError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoRespondersError ||
    error instanceof errors.ClosedConnectionError ||
    error instanceof errors.DrainingConnectionError ||
    error instanceof errors.ConnectionError ||
    // The client's words for requests that it drops when the connection is closed.
    (error instanceof errors.RequestError && /closed|cancelled|disconnect/.test(error.message))
  );
}
