import { createServer } from 'node:http';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ProblemMapper } from '../http/problem-of.ts';
import { requireNats, requireViews } from '../http/readiness.ts';
import { requireKeepable } from '../http/unkeepable-text.ts';
import { acceptJsonOnly } from './accept-json-only.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { refuseWhileClosing } from './closing.ts';
import { answerErrors } from './error-answer.ts';
import { healthRoutes } from './health-routes.ts';
import { isWrite, type Routes, type ServedApp } from './http-app.ts';
import { limitHandling } from './limit-handling.ts';
import { type Recording, recordWrites } from './recorded-writes.ts';
import { refuseUnknownRoutes } from './unknown-routes.ts';

/** A Fastify server whose schemas are zod's. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpServerOptions extends Recording {
  /** Each is a scope of its own, as with Fastify's `register`. */
  readonly routes: readonly Routes[];
  /** What errors of your own mean to callers. */
  readonly problems?: ProblemMapper;
  /**
   * Called with the server before anything is added to it: for plugins that see all routes, such as documentation or CORS,
   * and for routes that are served whatever state the application is in, and are no operations.
   */
  readonly setup?: (server: HttpServer) => unknown;
  /** Bytes of a body; a larger one is a 413. Default: the configuration's. */
  readonly bodyLimit?: number;
  /**
   * Milliseconds that a request may take to arrive, and then to be answered. One that does not arrive is a 408, one that is
   * not answered a 503, whose handler is told by `request.signal`. Default: the configuration's.
   */
  readonly requestTimeout?: number;
}

/**
 * A Fastify server for an application. Every error is a problem (RFC 9457), every write an operation; only JSON is taken;
 * routes answer 503 until the views are complete, and writes also while NATS is away. `/livez` and `/readyz` are there.
 * It does not listen; `serveHttp` does.
 */
export async function createHttpServer(app: ServedApp, options: HttpServerOptions): Promise<HttpServer> {
  const { http } = app.config;
  const { bodyLimit = http.bodyLimit, requestTimeout = http.requestTimeout } = options;
  const answers = answerErrors(app, options);
  const server = Fastify({
    loggerInstance: app.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // The hook below says so with a problem.
    return503OnClosing: false,
    // An id of any length is looked for, and not found: an error of the router would repeat it.
    routerOptions: { maxParamLength: longestParameter },
    frameworkErrors: answers.frameworkError,
    clientErrorHandler: answerBrokenRequest,
    // One server for one address: for `localhost` Fastify would start several, of which it closes but one.
    serverFactory: (handler) =>
      createServer(
        {
          requestTimeout,
          headersTimeout: requestTimeout,
          connectionsCheckingInterval: Math.min(requestTimeout, 5_000),
          keepAliveTimeout: 72_000,
        },
        handler,
      ),
  }).withTypeProvider<ZodTypeProvider>() as HttpServer;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  acceptJsonOnly(server);
  server.setErrorHandler(answers.error);
  limitHandling(server, requestTimeout);
  refuseWhileClosing(server);
  refuseUnknownRoutes(server, longestParameter);

  try {
    await addRoutes(app, server, options, answers.statusOf);
    return server;
  } catch (error) {
    // Plugins that have been registered let go of what they hold.
    await server.close();
    throw error;
  }
}

async function addRoutes(
  app: ServedApp,
  server: HttpServer,
  options: HttpServerOptions,
  statusOf: ReturnType<typeof answerErrors>['statusOf'],
): Promise<void> {
  await options.setup?.(server);
  await server.register(healthRoutes(app));
  const api: Routes = async (scope) => {
    scope.addHook('onRequest', async (request) => {
      requireViews(app);
      if (isWrite(request.method)) requireNats(app);
    });
    // An absent body lacks every field, and is told so by their names.
    scope.addHook('preValidation', async (request) => {
      if (request.routeOptions.schema?.body !== undefined) request.body ??= {};
    });
    // After the route's own schema, which may say it better.
    scope.addHook('preHandler', async (request) => requireKeepable(request));
    recordWrites(scope, app, options, statusOf);
    for (const module of options.routes) await scope.register(module);
  };
  await server.register(api);
}

const longestParameter = 16_384;
