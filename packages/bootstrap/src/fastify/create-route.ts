import type { Aggregate, AppendResult, DefinitionOf, EventStore, Items } from '@pipit/store';
import type { EventOf } from '@pipit/types-registry';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import type { App } from '../app.ts';
import { etag } from '../http/entity-tag.ts';
import { waitForViews } from '../http/wait-for-views.ts';
import type { AnswerSpec } from './answer.ts';
import type { Routes } from './http-app.ts';
import { documented, onlyId, type RouteDocumentation, withHeaders } from './responses.ts';
import { readPath } from './route-path.ts';
import { type RouteRequest, routeRequest } from './route-request.ts';

export interface CreateRequest<Path, Body extends z.ZodType> extends RouteRequest<Path, Body> {
  /** Of what is created: a new UUIDv7. */
  readonly id: string;
}

type CreateResult<T extends Aggregate, Path, Body extends z.ZodType> = Omit<
  CreateRequest<Path, Body>,
  'request'
> &
  AppendResult<EventOf<DefinitionOf<T>>>;

export type CreateSpec<
  T extends Aggregate,
  Path,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> = RouteDocumentation & {
  /** The schema of the body. Default: none is looked at. */
  readonly body?: Body;
  /** The first events, and the keys that they take. What it throws is the answer. */
  readonly events: (
    request: CreateRequest<Path, Body>,
  ) => Items<DefinitionOf<T>> | Promise<Items<DefinitionOf<T>>>;
  /** Where it is shown, with `:id` for its id: `/users/:id`. Default: nowhere, and there is no header `Location`. */
  readonly location?: `/${string}`;
} & AnswerSpec<Answer, CreateResult<T, Path, Body>>;

type CreateApp = Pick<App, 'projections'> & { readonly store: Pick<EventStore, 'append'> };

/** See `RouteMaker.create`. */
export function createRoute(
  app: CreateApp,
  all: RouteDocumentation,
  path: string,
  aggregate: Aggregate,
  spec: CreateSpec<Aggregate, string, z.ZodType, z.ZodType>,
): Routes {
  const { method, url, params } = readPath(path, aggregate.type);
  const {
    body,
    events,
    location,
    answer = onlyId,
    toAnswer = ({ id }: { readonly id: string }) => ({ id }),
  } = spec;
  const ofBody = body === undefined ? [] : ([400, 413, 415] as const);
  const { schema, responses } = documented(spec, all, [...ofBody, 409, 503]);
  const ofLocation = location === undefined ? [] : (['location'] as const);
  const response = { 201: withHeaders(answer, 'etag', 'position', ...ofLocation, 'operation'), ...responses };

  return async (server) => {
    server.route({
      method,
      url,
      schema: { ...schema, ...params, ...(body && { body }), response } as object,
      async handler(given, reply) {
        const request = { ...routeRequest<string, z.ZodType>(given), id: newId() };
        const { id } = request;
        const result = await app.store.append(aggregate, id, await events(request), { expected: 'none' });
        reply.code(201).header('etag', etag(result.revision)).header('position', String(result.position));
        if (location !== undefined) reply.header('location', location.replaceAll(':id', id));
        await waitForViews(app, aggregate, result.position, given.log);
        return toAnswer({ ...request, ...result } as never);
      },
    });
  };
}
