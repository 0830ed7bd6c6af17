import type { Login } from './login.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface TlsFiles {
  /** Path of a PEM file with the authorities to trust. Default: the system's. */
  readonly ca?: string | undefined;
  /** Path of a PEM file with this client's certificate. */
  readonly cert?: string | undefined;
  /** Path of a PEM file with the certificate's key. */
  readonly key?: string | undefined;
}

/** Where NATS is and how to log in; at most one of password, token and credentials. */
export interface NatsOptions {
  /** One server, or several of a cluster, with commas between. Default: `NATS_URL`, else a local server is run. */
  readonly url?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** Path of a credentials file, as `nsc` makes it. */
  readonly credentials?: string | undefined;
  readonly tls?: TlsFiles | undefined;
}

/** What an application can be told from outside. An option given in code wins over the environment. */
export interface ConfigOptions {
  /** Default: `NATS_URL`, `NATS_USER` and `NATS_PASSWORD`, `NATS_TOKEN`, `NATS_CREDS`, `NATS_CA`, `NATS_CERT`, `NATS_KEY`. */
  readonly nats?: NatsOptions | undefined;
  /** Folder of the local server's data. Default: `DATA_DIR`, else `.pipit`. */
  readonly dataDir?: string | undefined;
  /** Default: `LOG_LEVEL`, else `info`. */
  readonly logLevel?: LogLevel | undefined;
}

/** The configuration in force. It holds no secret. */
export interface AppConfig {
  readonly nats: {
    /** Without logins. `undefined`: a local server is run. */
    readonly servers: readonly string[] | undefined;
    readonly login: Login['kind'] | 'none';
    readonly tls: TlsFiles | undefined;
  };
  readonly dataDir: string;
  readonly logLevel: LogLevel;
}
