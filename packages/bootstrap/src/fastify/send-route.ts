import type { Commands, Request } from '@pipit/bus';
import type { InputOf } from '@pipit/types-registry';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Routes } from './http-app.ts';
import { documented, type RouteDocumentation, withHeaders } from './responses.ts';
import { readPath } from './route-path.ts';
import { type RouteRequest, routeRequest } from './route-request.ts';

type ToPayload<D, Path, Body extends z.ZodType> = (request: RouteRequest<Path, Body>) => InputOf<D>;

export type SendSpec<D extends Request, Path, Body extends z.ZodType> = RouteDocumentation & {
  /** The schema of the body. Default: the payload is checked by its own. */
  readonly body?: Body;
  /** Milliseconds until the answer has to be there. Default: 10,000. */
  readonly timeout?: number;
} & ([Body] extends [z.ZodUndefined]
    ? {
        /** Default: the body, or of a GET the query, with the parameters of the path. */
        readonly payload?: ToPayload<D, Path, Body>;
      }
    : z.output<Body> extends InputOf<D>
      ? { readonly payload?: ToPayload<D, Path, Body> }
      : { readonly payload: ToPayload<D, Path, Body> });

interface Sending {
  readonly commands: Pick<Commands, 'send'>;
}

/** See `RouteMaker.send`. */
export function sendRoute(
  { commands }: Sending,
  all: RouteDocumentation,
  path: string,
  definition: Request,
  spec: RouteDocumentation & {
    readonly body?: z.ZodType;
    readonly timeout?: number;
    readonly payload?: ToPayload<Request, string, z.ZodType>;
  },
): Routes {
  const { method, url, params } = readPath(path, definition.type);
  const { body, payload = sentPayload, timeout = 10_000 } = spec;
  const isRead = method === 'GET';
  const { schema, responses } = documented(spec, all, isRead ? [400, 503] : [400, 409, 413, 415, 503]);
  const isOwn = spec.payload === undefined && body === undefined && Object.keys(params).length === 0;
  // What the definition checks is only shown: its schema may make another thing of a payload, and that not twice.
  const shown = isOwn && !isRead && isZod(definition.schema) ? definition.schema : undefined;
  const result = isZod(definition.result) ? definition.result : undefined;
  const ofWrite = isRead ? [] : (['operation'] as const);
  const answers = result ? { 200: withHeaders(result, ...ofWrite) } : {};

  return async (server) => {
    server.route({
      method,
      url,
      schema: {
        ...schema,
        ...params,
        ...bodyOf(body ?? shown),
        response: { ...answers, ...responses },
      } as object,
      ...(shown && { validatorCompiler: () => (value: unknown) => ({ value }) }),
      async handler(given, reply) {
        const request = routeRequest<string, z.ZodType>(given);
        // Who has left does not want the answer of a query; what a command does is done all the same.
        const options = isRead ? { timeout, signal: given.signal } : { timeout };
        const answer = await commands.send(definition, payload(request), options);
        return answer === undefined ? reply.code(204).send() : answer;
      },
    });
  };
}

const bodyOf = (body: z.ZodType | undefined) => (body === undefined ? {} : { body });

function sentPayload({
  params,
  body,
  request,
}: {
  params: object;
  body: unknown;
  request: FastifyRequest;
}): unknown {
  const sent = request.method === 'GET' ? request.query : body;
  if (Object.keys(params).length === 0) return sent;
  return typeof sent === 'object' && sent !== null ? { ...sent, ...params } : params;
}

function isZod(schema: unknown): schema is z.ZodType {
  return schema instanceof z.ZodType;
}
