import { PipitError } from '@pipit/types-registry';
import { RepositoryError, type RepositoryErrorReason } from '../repository-errors.ts';

/** By SQLSTATE: the whole code, else its class (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const reasons: Readonly<Record<string, RepositoryErrorReason>> = {
  '08': 'unreachable',
  // A standby, during a failover.
  '25006': 'unreachable',
  // The server ended a transaction that took, or was idle for, too long.
  '25P03': 'unreachable',
  '25P04': 'busy',
  '28': 'forbidden',
  '3D000': 'forbidden',
  '40': 'busy',
  '42501': 'forbidden',
  '53': 'full',
  '55P03': 'busy',
  '57014': 'busy',
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '57P05': 'unreachable',
};

/** Of the operating system, from sockets and the resolver of names. */
const connectionCodes = /^(ECONN|EPIPE|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|ENOENT)/;
/** The driver's own errors have no code. */
const connectionMessages =
  /connection terminated|connection error|connection timeout|timeout exceeded|query read timeout|not queryable|PGlite is closed|Cannot use a pool/i;

/** What the caller of a repository gets for what the database threw. */
export function failureOf(view: string | undefined, error: unknown): unknown {
  return error instanceof PipitError ? error : new RepositoryError(view, reasonOf(error), error);
}

function reasonOf(error: unknown): RepositoryErrorReason {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') {
    if (connectionCodes.test(code)) return 'unreachable';
    return reasons[code] ?? reasons[code.slice(0, 2)] ?? 'failed';
  }
  return error instanceof Error && connectionMessages.test(error.message) ? 'unreachable' : 'failed';
}
