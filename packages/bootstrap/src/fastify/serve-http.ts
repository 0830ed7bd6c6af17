import type { AddressInfo } from 'node:net';
import { PipitError } from '@pipit/types-registry';
import type { App } from '../app.ts';
import { definePart } from '../part.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './create-http-server.ts';
import type { ServedApp } from './http-app.ts';

/** The port cannot be listened on. */
export class PortUnavailableError extends PipitError {
  readonly code = 'PORT_UNAVAILABLE';
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, reason: string, cause: unknown) {
    super(`Port ${port} of ${host} ${reason}. Set PORT to another one, or to 0 for any that is free.`, {
      cause,
    });
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
    Math.min(timeout, 2 ** 31 - 1),
  );
  await server.close();
  clearTimeout(cut);
}

function portError(host: string, port: number, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new PortUnavailableError(host, port, 'is taken (EADDRINUSE)', error);
  if (code === 'EACCES')
    return new PortUnavailableError(host, port, 'is not open to this user (EACCES)', error);
  return error;
}

function urlOf(host: string, { port, family }: AddressInfo): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? 'localhost' : family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
