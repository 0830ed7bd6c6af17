import type { Aggregate, Decision, DefinitionOf, EventStore, ExecuteResult, StateOf } from '@pipit/store';
import type { EventOf } from '@pipit/types-registry';
import type { z } from 'zod';
import type { App } from '../app.ts';
import { etag, ifMatch, PreconditionFailedError, requireRevision } from '../http/entity-tag.ts';
import { ProblemError } from '../http/problem.ts';
import { waitForViews } from '../http/wait-for-views.ts';
import type { AnswerSpec } from './answer.ts';
import type { Routes } from './http-app.ts';
import { documented, onlyId, type RouteDocumentation, withHeaders } from './responses.ts';
import { readPath } from './route-path.ts';
import { type RouteRequest, routeRequest } from './route-request.ts';

export interface DecideRequest<Path, Body extends z.ZodType> extends RouteRequest<Path, Body> {
  readonly id: string;
  /** 0 where the aggregate does not exist. */
  readonly revision: number;
}

type DecideResult<T extends Aggregate, Path, Body extends z.ZodType> = Omit<
  RouteRequest<Path, Body>,
  'request'
> &
  ExecuteResult<StateOf<T>, EventOf<DefinitionOf<T>>> & { readonly id: string };

export type DecideSpec<
  T extends Aggregate,
  Path,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> = RouteDocumentation & {
  /** The schema of the body. Default: none is looked at. */
  readonly body?: Body;
  /**
   * Decides, as `execute` of the store has it: a pure function, called again on a newer state when another writer came
   * first. What it throws is the answer.
   */
  readonly decide: (state: StateOf<T>, request: DecideRequest<Path, Body>) => Decision<DefinitionOf<T>>;
} & AnswerSpec<Answer, DecideResult<T, Path, Body>>;

type DecideApp = Pick<App, 'projections'> & { readonly store: Pick<EventStore, 'execute'> };

/** See `RouteMaker.decide`. */
export function decideRoute(
  app: DecideApp,
  all: RouteDocumentation,
  path: string,
  aggregate: Aggregate,
  spec: DecideSpec<Aggregate, string, z.ZodType, z.ZodType>,
): Routes {
  const { method, url, params } = readPath(path, aggregate.type);
  const { body, decide, answer = onlyId, toAnswer = ({ id }: { readonly id: string }) => ({ id }) } = spec;
  const ofBody = body === undefined ? [] : ([413, 415] as const);
  const { schema, responses } = documented(spec, all, [400, 404, 409, 412, ...ofBody, 503]);
  const response = { 200: withHeaders(answer, 'etag', 'position', 'operation'), ...responses };

  return async (server) => {
    server.route({
      method,
      url,
      schema: { ...schema, ...params, headers: ifMatch, ...(body && { body }), response } as object,
      async handler(given, reply) {
        const request = routeRequest<{ id: string }, z.ZodType>(given);
        const { id = '' } = request.params as { readonly id?: string };
        const guard = given.headers['if-match'];
        const result = await app.store.execute(aggregate, id, (state, { revision }) => {
          requireRevision(guard, revision);
          const decision = decide(state, { ...request, id, revision } as never);
          if (guard !== undefined && revision === 0 && !isNothing(decision))
            throw new PreconditionFailedError(0);
          return decision;
        });
        if (result.revision === 0) throw nothingThere();
        reply.header('etag', etag(result.revision)).header('position', String(result.position));
        await waitForViews(app, aggregate, result.position, given.log);
        return toAnswer({ ...request, ...result, id } as never);
      },
    });
  };
}

function isNothing(decision: Decision): boolean {
  return Array.isArray(decision) && decision.length === 0;
}

/** An id that nothing has. */
export function nothingThere(): ProblemError {
  return new ProblemError({ status: 404, code: 'NOT_FOUND', detail: 'There is nothing with this id.' });
}
