import type { StreamSettings } from '@pipit/store/jetstream';
import type { z } from 'zod';
import type { Login } from '../nats/login.ts';
import type { Secret } from './secret.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface TlsFiles {
  /** Path of a PEM file with the authorities to trust; `NATS_TLS_CA`. Default: the system's. */
  readonly ca?: string | undefined;
  /** Path of a PEM file with this client's certificate; `NATS_TLS_CERT`. */
  readonly cert?: string | undefined;
  /** Path of a PEM file with the certificate's key; `NATS_TLS_KEY`. */
  readonly key?: string | undefined;
}

/** Where NATS is and how to log in; at most one of password, token, credentials and nkey. */
export interface NatsOptions {
  /** One server, or several of a cluster, with commas between; `NATS_URL`. Default: a local server is run. */
  readonly url?: string | undefined;
  /** `NATS_USER` */
  readonly user?: string | undefined;
  /** `NATS_PASSWORD` */
  readonly password?: string | undefined;
  /** `NATS_TOKEN` */
  readonly token?: string | undefined;
  /** Path of a credentials file, as `nsc` makes it; `NATS_CREDS`. */
  readonly credentials?: string | undefined;
  /** The seed of a user's nkey, `SU…`, or the path of a file that holds it; `NATS_NKEY`. */
  readonly nkey?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  /** Whether another machine may be reached without TLS; `PIPIT_ALLOW_PLAINTEXT=yes`. Default: no. */
  readonly allowPlaintext?: boolean | undefined;
}

/** How the application serves HTTP, where it does. */
export interface HttpOptions {
  /** 0 for a free one; `PORT`. Default: 3000. */
  readonly port?: number | undefined;
  /** The address to listen on; `PIPIT_HTTP_HOST`. Default: `localhost`, which other machines do not reach. */
  readonly host?: string | undefined;
  /** Bytes that the body of a request may have; `PIPIT_HTTP_BODY_LIMIT`. Default: 1 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Milliseconds that a request may take, as `PIPIT_HTTP_TIMEOUT` with a unit: `30s`. Default: 30 seconds. */
  readonly requestTimeout?: number | undefined;
}

/** What an application can be told from outside. An option given in code wins over the environment. */
export interface ConfigOptions {
  readonly nats?: NatsOptions | undefined;
  /**
   * Settings of the stream when it is created: replicas, storage, limits … What differs later is logged, not changed.
   * `PIPIT_STREAM_REPLICAS`, `PIPIT_STREAM_MAX_AGE` (`90d`), `PIPIT_STREAM_MAX_BYTES`.
   */
  readonly stream?: StreamSettings | undefined;
  readonly http?: HttpOptions | undefined;
  /** Of the PostgreSQL that views are kept in, for a part of yours that opens it; `DATABASE_URL`. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the local server's data; `PIPIT_DATA_DIR`. Default: `.pipit`. */
  readonly dataDir?: string | undefined;
  /**
   * When the local server has what it acknowledges on disk: `always`, or milliseconds until it has, which a power cut then
   * takes, but no crash; `PIPIT_SYNC_INTERVAL` (`always`, `10s`). Default: two minutes, as nats-server has it.
   */
  readonly syncInterval?: 'always' | number | undefined;
  /** `LOG_LEVEL`. Default: `info`. */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Milliseconds to go on trying while the server, or where views are kept, cannot be reached; `PIPIT_START_TIMEOUT` with
   * a unit: `1m`. Default: 30 seconds. Providing a local server is extra.
   */
  readonly startTimeout?: number | undefined;
  /** Milliseconds that stopping may take, all parts together; `PIPIT_STOP_TIMEOUT`. Default: 10 seconds. */
  readonly stopTimeout?: number | undefined;
}

export const configOptions = [
  'nats',
  'stream',
  'http',
  'databaseUrl',
  'dataDir',
  'syncInterval',
  'logLevel',
  'startTimeout',
  'stopTimeout',
] as const satisfies readonly (keyof ConfigOptions)[];

/** The configuration in force. It can be printed: what is secret in it shows itself as `[secret]`. */
export interface AppConfig<Variables = unknown> {
  readonly nats: {
    /** Without logins. `undefined`: a local server is run. */
    readonly servers: readonly string[] | undefined;
    readonly login: Login | undefined;
    readonly tls: TlsFiles | undefined;
  };
  readonly stream: StreamSettings;
  readonly http: {
    readonly port: number;
    readonly host: string;
    readonly bodyLimit: number;
    readonly requestTimeout: number;
  };
  readonly databaseUrl: Secret | undefined;
  readonly dataDir: string;
  readonly syncInterval: 'always' | number;
  readonly logLevel: LogLevel;
  readonly startTimeout: number;
  readonly stopTimeout: number;
  /** What the schema of further variables has made of the environment. */
  readonly variables: Variables;
}

/** Variables of the environment that are the application's own, by their names; an empty one counts as not set. */
export type VariablesSchema = z.ZodObject;
