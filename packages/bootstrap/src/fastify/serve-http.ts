import type { AddressInfo } from 'node:net';
import { PipitError } from '@pipit/types-registry';
import type { App } from '../app.ts';
import { longestDelay } from '../lifecycle/longest-delay.ts';
import { definePart } from '../lifecycle/part.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './create-http-server.ts';
import type { ServedApp } from './http-app.ts';

/** The port, or the address, cannot be listened on. */
export class PortUnavailableError extends PipitError {
  readonly code = 'PORT_UNAVAILABLE';
  /** Whatever caused it, another try would end the same. */
  readonly passing = false;
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, reason: string, cause: unknown) {
    super(`Port ${port} of ${host} ${reason}.`, { cause });
    this.host = host;
    this.port = port;
  }
}

export interface ServeOptions extends HttpServerOptions {
  /** Of the part, where an application has several. Default: `http`. */
  readonly name?: string;
  /** 0 for any that is free. Default: the configuration's, `PORT`. */
  readonly port?: number;
  /** Default: the configuration's, `PIPIT_HTTP_HOST`. */
  readonly host?: string;
  /** Milliseconds that requests under way are waited for at the stop. Default: half of the `stopTimeout`. */
  readonly drainTimeout?: number;
}

export interface Serving {
  readonly url: string;
  readonly server: HttpServer;
}

/**
 * Serves an application over HTTP, as `createHttpServer` says, as a part of it, which stops before all that was there when
 * it started: no connection is taken any more, requests under way are answered, and what is not answered in time is cut.
 *
 * @throws PortUnavailableError; PartError where the application has another part of that name
 */
export async function serveHttp(
  app: ServedApp & Pick<App, 'start'>,
  options: ServeOptions,
): Promise<Serving> {
  const { http, stopTimeout } = app.config;
  const { name = 'http', port = http.port, host = http.host, drainTimeout = stopTimeout / 2 } = options;
  const serving = definePart(name, {
    async start() {
      const server = await createHttpServer(app, options);
      await server.listen({ port, host }).catch(async (error: unknown) => {
        await server.close();
        throw portError(host, port, error);
      });
      return { server, url: urlOf(host, server.server.address() as AddressInfo) };
    },
    stop: ({ server }) => drain(server, drainTimeout),
  });
  return app.start(serving);
}

async function drain(server: HttpServer, timeout: number): Promise<void> {
  const cut = setTimeout(
    () => {
      server.log.warn('requests were not answered in time, and are cut');
      server.server.closeAllConnections();
    },
    Math.min(timeout, longestDelay),
  );
  try {
    await server.close();
  } finally {
    clearTimeout(cut);
  }
}

const otherPort = 'Set PORT to another one, or to 0 for any that is free';
const otherHost = 'Set PIPIT_HTTP_HOST to an address of this machine, or to 0.0.0.0 for all of them';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: `is taken (EADDRINUSE). ${otherPort}`,
  EACCES: `is not open to this user (EACCES). ${otherPort}`,
  EADDRNOTAVAIL: `cannot be listened on: this machine has no such address (EADDRNOTAVAIL). ${otherHost}`,
  ENOTFOUND: `cannot be listened on: nobody knows this name (ENOTFOUND). ${otherHost}`,
};

function portError(host: string, port: number, error: unknown): unknown {
  const reason = error instanceof Error && 'code' in error ? reasons[String(error.code)] : undefined;
  return reason === undefined ? error : new PortUnavailableError(host, port, reason, error);
}

function urlOf(host: string, { port, family }: AddressInfo): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? 'localhost' : family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
