import type { Request } from '@pipit/bus';
import type { Projection } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';
import type { z } from 'zod';
import type { App } from '../app.ts';
import { type CreateSpec, createRoute } from './create-route.ts';
import { type DecideSpec, decideRoute } from './decide-route.ts';
import type { Routes } from './http-app.ts';
import type { RouteDocumentation } from './responses.ts';
import type { PathWithId, ReadMethod, RoutePath, WriteMethod } from './route-path.ts';
import { type SendSpec, sendRoute } from './send-route.ts';
import { type ShowSpec, showRoute } from './show-route.ts';

/** Makes routes that are bound to what an application is made of, their types inferred from it. */
export interface RouteMaker<A extends Aggregate> {
  /**
   * Begins an aggregate under a new id: 201 with `{ id }`, `ETag`, `Position`, and `Location` where it has one. The answer
   * waits, two seconds at most, until the views of this process show it.
   */
  create<
    const Path extends RoutePath<WriteMethod>,
    T extends A,
    Body extends z.ZodType = z.ZodUndefined,
    Answer extends z.ZodType = z.ZodType<{ id: string }>,
  >(path: Path, aggregate: T, spec: CreateSpec<T, Path, Body, Answer>): Routes;
  /**
   * Decides on the aggregate that `:id` names, guarded by `If-Match` where the request has one: 200 with `{ id }`, `ETag`
   * and `Position`. It waits for views as `create` does. Where the aggregate does not exist and nothing is decided, 404.
   */
  decide<
    const Path extends PathWithId<WriteMethod>,
    T extends A,
    Body extends z.ZodType = z.ZodUndefined,
    Answer extends z.ZodType = z.ZodType<{ id: string }>,
  >(path: Path, aggregate: T, spec: DecideSpec<T, Path, Body, Answer>): Routes;
  /**
   * Shows the row whose key is `:id`: 200, with the row's `revision` as `ETag` where it has one. `?after=<position>` waits
   * until the view shows that write, or answers 503. Before a row is called missing the view takes in what is in the store.
   */
  show<const Path extends PathWithId<ReadMethod>, Row, Answer extends z.ZodType>(
    path: Path,
    projection: Projection<Row>,
    spec: ShowSpec<Path, Row, Answer>,
  ): Routes;
  /**
   * Sends a command or query to whichever process handles it: 200 with its answer, 204 where there is none. A payload that
   * does not fit is a 400. What the handler throws comes as a `RemoteError`; its codes are yours to map to problems.
   */
  send<
    const Path extends RoutePath<ReadMethod | WriteMethod>,
    D extends Request,
    Body extends z.ZodType = z.ZodUndefined,
  >(path: Path, definition: D, spec?: SendSpec<D, Path, Body>): Routes;
}

/** The part of an application that its routes stand on. */
export type RoutedApp<A extends Aggregate> = Pick<App, 'commands' | 'connected' | 'projections' | 'view'> & {
  readonly store: EventStore<A>;
};

/** @param documentation what OpenAPI tells of all of them, such as `tags`, where a route does not say it itself */
export function routesOf<A extends Aggregate>(
  app: RoutedApp<A>,
  documentation: RouteDocumentation = {},
): RouteMaker<A> {
  // From here on types are of no more use: each route was checked where it is written.
  const any = app as unknown as RoutedApp<Aggregate>;
  const erased = {
    create: (path: string, ...given: unknown[]) =>
      createRoute(any, documentation, path, ...(given as [never, never])),
    decide: (path: string, ...given: unknown[]) =>
      decideRoute(any, documentation, path, ...(given as [never, never])),
    show: (path: string, ...given: unknown[]) =>
      showRoute(any, documentation, path, ...(given as [never, never])),
    send: (path: string, definition: Request, spec = {}) =>
      sendRoute(any, documentation, path, definition, spec),
  };
  return erased as RouteMaker<A>;
}
