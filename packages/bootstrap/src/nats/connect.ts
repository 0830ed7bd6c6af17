import { errors, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { ConnectionError } from '@pipit/types-registry';
import type { TlsFiles } from '../config/config.ts';
import { type Login, loginOptions } from './login.ts';

export interface ConnectRequest {
  /** The application's name: what the server shows for the connection. */
  readonly name: string;
  readonly servers: readonly string[];
  readonly login: Login | undefined;
  readonly tls: TlsFiles | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * One try to connect; a connection that was made once comes back by itself, however long that takes.
 *
 * @throws ConnectionError with reason `unreachable` or `unauthorized`
 */
export async function connectOnce({
  name,
  servers,
  login,
  tls,
  timeout,
}: ConnectRequest): Promise<NatsConnection> {
  try {
    return await connect({
      name,
      servers: [...servers],
      timeout,
      ...loginOptions(login),
      ...(tls && { tls: tlsOptions(tls) }),
      maxReconnectAttempts: -1,
      // A login that is changed on the server first and here after must not end a running application.
      ignoreAuthErrorAbort: true,
      // Halves the cost of a publish; our errors say what was attempted.
      noAsyncTraces: true,
    });
  } catch (cause) {
    throw connectionError(cause, servers, login);
  }
}

/** Whether waiting may help. A login, a certificate or a switched-off JetStream stays as it is until somebody acts. */
export function mayPass(error: unknown): boolean {
  return error instanceof ConnectionError && error.reason === 'unreachable' && !isTlsFailure(error.cause);
}

function connectionError(
  cause: unknown,
  servers: readonly string[],
  login: Login | undefined,
): ConnectionError {
  const list = servers.join(', ');
  const because = cause instanceof Error ? cause.message : String(cause);
  if (isLoginRefused(cause)) {
    const advice =
      login === undefined
        ? 'No login was given: set NATS_USER and NATS_PASSWORD, NATS_TOKEN, NATS_CREDS or NATS_NKEY.'
        : `Check the ${nameOf[login.kind]} it was given.`;
    return new ConnectionError(
      'unauthorized',
      servers,
      `${list} refuses the login (${because}). ${advice}`,
      cause,
    );
  }
  if (isTlsFailure(cause)) {
    const advice = 'Check nats.tls (NATS_TLS_CA, NATS_TLS_CERT, NATS_TLS_KEY) and the name in the URL.';
    return new ConnectionError(
      'unreachable',
      servers,
      `No secure connection to ${list} can be made (${because}). ${advice}`,
      cause,
    );
  }
  const advice =
    'Check that nats-server runs there and that NATS_URL names it; without NATS_URL a local one is run.';
  return new ConnectionError(
    'unreachable',
    servers,
    `${list} cannot be reached (${because}). ${advice}`,
    cause,
  );
}

const nameOf: Readonly<Record<Login['kind'], string>> = {
  password: 'user and password',
  token: 'token',
  credentials: 'credentials file',
  nkey: 'nkey',
};

function tlsOptions({ ca, cert, key }: TlsFiles) {
  return { ...(ca && { caFile: ca }), ...(cert && { certFile: cert }), ...(key && { keyFile: key }) };
}

function isLoginRefused(error: unknown): boolean {
  return (
    error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError ||
    (error instanceof Error && error.cause !== undefined && isLoginRefused(error.cause))
  );
}

/** By the codes that Node.js gives to OpenSSL's and its own TLS errors, and the client's refusal to go on without. */
function isTlsFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof errors.InvalidArgumentError) return true;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ERR_(SSL|TLS|OSSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code) || isTlsFailure(error.cause)
  );
}
