import { errors } from '@nats-io/nats-core';

/** What the server says this connection may not do, where that is why a request failed; the client wraps it. */
export function permissionViolation(error: unknown): Error | undefined {
  if (error instanceof errors.PermissionViolationError) return error;
  return error instanceof Error && error.cause !== undefined ? permissionViolation(error.cause) : undefined;
}
