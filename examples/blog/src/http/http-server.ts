import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { Logger, Operations } from '@pipit/bus';
import { withTrace } from '@pipit/types-registry';
import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import {
  type FastifyPluginAsyncZod,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { adminSecurity } from '../admin/bearer-token.ts';
import { problemOf } from './error-problem.ts';
import { type Health, healthRoutes, requireNats, requireViews } from './health-routes.ts';
import { createProblem, type Problem, problemType } from './problem.ts';
import { recordRefusal, recordWrites } from './recorded-writes.ts';

/** The HTTP side of the blog: what holds for every route. The routes are the modules'. */
export async function createHttpServer(
  app: Health & { readonly logger: Logger; readonly operations: Pick<Operations, 'operation'> },
  modules: readonly FastifyPluginAsyncZod[],
): Promise<FastifyInstance> {
  const server = Fastify({
    frameworkErrors: (error, _request, reply) => send(problemOf(error), reply),
    return503OnClosing: true,
    // An id of any length is looked for, and not found: an error of the router would repeat it.
    routerOptions: { maxParamLength: 16_384 },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  acceptJsonOnly(server);

  server.setErrorHandler(sendError);
  server.setNotFoundHandler((request, reply) =>
    send(createProblem(404, `There is no ${request.method} of this path.`), reply),
  );

  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pipit blog',
        version: '1.0.0',
        description:
          'Users, posts and comments. Writes answer with the revision as `ETag`; sent back as `If-Match` it makes a later write conditional. They also answer with the `Position` of what was written in the log; `GET /posts/{id}?after=` waits until it is shown, whichever process was written to. Answers to writes also name what was recorded of them, as `Operation-Id`; `/operations/{id}` shows it.',
      },
      components: { securitySchemes: adminSecurity },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await server.register(swaggerUi, { routePrefix: '/docs' });
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());

  await server.register(healthRoutes(app));
  const api: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRequest', async (request) => {
      requireViews(app);
      if (request.method !== 'GET') requireNats(app);
    });
    // An absent body lacks every field, and is told so by their names.
    scope.addHook('preValidation', async (request) => {
      request.body ??= {};
    });
    // Here and not on request: reading the body does not keep what runs around it.
    scope.addHook('preHandler', (request, _reply, done) => {
      const { traceparent } = request.headers;
      withTrace(typeof traceparent === 'string' ? { traceparent } : {}, done);
    });
    recordWrites(scope, app.operations);
    for (const routes of modules) await scope.register(routes);
  };
  await server.register(api);
  return server;

  async function sendError(
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const level = problem.status === 503 ? 'warn' : 'error';
      app.logger[level](
        { err: error, method: request.method, route: request.routeOptions.url },
        'request failed',
      );
    }
    await recordRefusal(app.operations, { request, error }, reply);
    return send(problem, reply);
  }
}

function send(problem: Problem, reply: FastifyReply): FastifyReply {
  if (problem.status === 503) reply.header('retry-after', '1');
  return reply.code(problem.status).type(problemType).send(problem);
}

/** JSON alone, and nothing at all where a route needs nothing: clients like to name a type without sending a body. */
function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}
