import { inspect } from 'node:util';

/** One way `findNatsServer` tried, and why it did not lead to a server. */
export interface FindAttempt {
  readonly way: 'NATS_SERVER_BIN' | 'PATH' | 'cache' | 'release' | 'distribution package';
  readonly reason: string;
}

/** What every error of this package is; tell them apart by `code`, which does not change between releases. */
export abstract class NatsServerError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** No usable nats-server was found or fetched. `attempts` names every way tried, in order. */
export class NatsServerNotFoundError extends NatsServerError {
  readonly code = 'NATS_SERVER_NOT_FOUND';
  readonly attempts: readonly FindAttempt[];

  constructor(attempts: readonly FindAttempt[], options?: ErrorOptions) {
    const tried = attempts.map(({ way, reason }) => `  - ${way}: ${reason}`).join('\n');
    super(
      `No usable nats-server. Tried:\n${tried}\n` +
        'Provide one by hand: download a release of nats-server, unpack it and set NATS_SERVER_BIN to the ' +
        'binary, or put it on the PATH; or set NATS_SERVER_MIRROR to where its releases can be fetched from.',
      options,
    );
    this.attempts = attempts;
  }
}

/** The nats-server that was named explicitly has a version that cannot be used. */
export class NatsServerVersionError extends NatsServerError {
  readonly code = 'NATS_SERVER_VERSION';
  readonly path: string;
  readonly version: string;
  /** What was asked for, as a range, e.g. `>=2.12.0`. */
  readonly required: string;

  constructor(facts: { path: string; version: string; required: string }) {
    super(
      `${facts.path} is nats-server ${facts.version}, but ${facts.required} is needed. ` +
        'Name a fitting binary by NATS_SERVER_BIN (or `binary`), or leave it unset and one will be fetched.',
    );
    this.path = facts.path;
    this.version = facts.version;
    this.required = facts.required;
  }
}

/** This package does not run here; Windows users can use WSL or a server elsewhere, named by NATS_URL. */
export class UnsupportedPlatformError extends NatsServerError {
  readonly code = 'UNSUPPORTED_PLATFORM';
  readonly platform: string;
  readonly arch: string;

  constructor(platform: string, arch: string) {
    super(
      `Cannot run nats-server on ${platform} ${arch}: Linux and macOS on x64 and arm64 are supported. ` +
        'Use WSL, or run a server elsewhere and set NATS_URL.',
    );
    this.platform = platform;
    this.arch = arch;
  }
}

/** An option has a value that cannot be used. */
export class InvalidServerOptionError extends NatsServerError {
  readonly code = 'INVALID_SERVER_OPTION';
  /** Path of the option, e.g. `config.jetstream.store_dir`. */
  readonly option: string;
  readonly value: unknown;

  constructor(option: string, value: unknown, whatToDo: string) {
    super(`Option ${option} cannot be ${inspect(value)}: ${whatToDo}`);
    this.option = option;
    this.value = value;
  }
}

/** Something else listens on the port that was asked for. */
export class PortInUseError extends NatsServerError {
  readonly code = 'PORT_IN_USE';
  readonly port: number;

  constructor(port: number, options?: ErrorOptions) {
    super(
      `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or leave \`port\` out for a free one.`,
      options,
    );
    this.port = port;
  }
}

/** Another living process runs a server on this store folder. */
export class StoreInUseError extends NatsServerError {
  readonly code = 'STORE_IN_USE';
  readonly storeDir: string;
  /** The process that started the server, not the server. */
  readonly starterPid: number;
  /** Missing while that server is being started. */
  readonly serverPid: number | undefined;

  constructor(facts: { storeDir: string; starterPid: number; serverPid: number | undefined }) {
    const server = facts.serverPid === undefined ? '' : ` (nats-server is pid ${facts.serverPid})`;
    super(
      `Store folder ${facts.storeDir} is used by a server that process ${facts.starterPid} started${server}. ` +
        'Connect to that server, stop that process, or use another storeDir.',
    );
    this.storeDir = facts.storeDir;
    this.starterPid = facts.starterPid;
    this.serverPid = facts.serverPid;
  }
}

/** The server ended, or did not answer in time, while it was being started. */
export class NatsServerStartError extends NatsServerError {
  readonly code = 'NATS_SERVER_START';
  readonly reason: 'exited' | 'timeout';
  /** The last lines the server logged, oldest first. */
  readonly log: readonly string[];

  constructor(
    facts: { reason: 'exited' | 'timeout'; detail: string; log: readonly string[] },
    options?: ErrorOptions,
  ) {
    const log =
      facts.log.length === 0 ? ' It logged nothing.' : ` Its last log lines:\n${facts.log.join('\n')}`;
    super(`nats-server did not start: ${facts.detail}.${log}`, options);
    this.reason = facts.reason;
    this.log = facts.log;
  }
}

/** The server was stopped for good and its folder released; start a new one. */
export class NatsServerStoppedError extends NatsServerError {
  readonly code = 'NATS_SERVER_STOPPED';

  constructor(storeDir: string) {
    super(`The server on ${storeDir} was stopped and cannot be restarted. Start another one.`);
  }
}
