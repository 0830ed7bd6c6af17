import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ParamsOf } from './route-path.ts';

/** What a route's functions get of a request: checked, and typed by the path and the schema of the body. */
export interface RouteRequest<Path, Body extends z.ZodType> {
  readonly params: ParamsOf<Path>;
  readonly body: z.output<Body>;
  /** For what is not here: headers, who it is from, `log`, `signal`. */
  readonly request: FastifyRequest;
}

export function routeRequest<Path, Body extends z.ZodType>(request: unknown): RouteRequest<Path, Body> {
  const { params, body } = request as FastifyRequest;
  return {
    params: params as ParamsOf<Path>,
    body: body as z.output<Body>,
    request: request as FastifyRequest,
  };
}
