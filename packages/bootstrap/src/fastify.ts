export { createHttpServer, type HttpServer, type HttpServerOptions } from './fastify/create-http-server.ts';
export type { Routes, ServedApp } from './fastify/http-app.ts';
export { type ProblemStatus, problems, type RouteDocumentation, withHeaders } from './fastify/responses.ts';
export { type RoutedApp, type RouteMaker, routesOf } from './fastify/routes-of.ts';
export { PortUnavailableError, type ServeOptions, type Serving, serveHttp } from './fastify/serve-http.ts';
export { etag, ifMatch, PreconditionFailedError, requireRevision } from './http/entity-tag.ts';
export {
  type FieldError,
  type Problem,
  ProblemError,
  type Refusal,
  UnavailableError,
} from './http/problem.ts';
export type { ProblemMapper } from './http/problem-of.ts';
export { requireNats } from './http/readiness.ts';
