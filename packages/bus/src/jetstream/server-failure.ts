import { type NatsConnection, PermissionViolationError } from '@nats-io/nats-core';
import { ConnectionError, PipitError } from '@pipit/types-registry';
import { findCause } from './find-cause.ts';

/** The server did not do what was asked, and what was asked says so: without an end, as a clause of its own. */
export interface FailedRequest {
  readonly connection: NatsConnection;
  /** `The dead letters of store blog could not be read`, for instance. */
  readonly what: string;
  /** What to do where it is not a question of permissions. */
  readonly advice: string;
}

/** What users see of an error of the client or the server. Errors of Pipit's own stay what they are. */
export function serverFailure({ connection, what, advice }: FailedRequest, cause: unknown): PipitError {
  if (cause instanceof PipitError) return cause;
  const servers = [connection.getServer()];
  const refused = findCause(PermissionViolationError, cause);
  if (refused !== undefined) {
    const { operation, subject } = refused;
    const message = `${what}: this account may not ${operation === 'publish' ? 'publish' : 'subscribe'} to ${subject}. Allow it, and try again.`;
    return new ConnectionError('unauthorized', servers, message, cause);
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const closed = connection.isClosed() ? ', and the connection is closed' : '';
  return new ConnectionError('unreachable', servers, `${what}: ${reason}${closed}. ${advice}`, cause);
}

/** It would fail the same way however often it is tried. */
export function isRefused(error: unknown): boolean {
  return findCause(PermissionViolationError, error) !== undefined;
}
