import type { Projection } from '@pipit/projection';
import { z } from 'zod';
import type { App } from '../app.ts';
import { etag } from '../http/entity-tag.ts';
import { findRow } from '../http/find-row.ts';
import { waitForPosition } from '../http/wait-for-views.ts';
import { nothingThere } from './decide-route.ts';
import type { Routes } from './http-app.ts';
import { documented, type RouteDocumentation, withHeaders } from './responses.ts';
import { readPath } from './route-path.ts';
import { type RouteRequest, routeRequest } from './route-request.ts';

type ToAnswer<Path, Row, Answer extends z.ZodType> = (
  row: Row,
  request: RouteRequest<Path, z.ZodUndefined>,
) => z.input<Answer> | Promise<z.input<Answer>>;

export type ShowSpec<Path, Row, Answer extends z.ZodType> = RouteDocumentation & {
  /** The schema of the answer; what it does not name is left out. */
  readonly answer: Answer;
  /** What is said of a key that has no row. Default: a 404. */
  readonly missing?: () => Error;
} & ([Row] extends [z.input<Answer>]
    ? {
        /** Default: the row, as far as the answer's schema names it. */
        readonly toAnswer?: ToAnswer<Path, Row, Answer>;
      }
    : { readonly toAnswer: ToAnswer<Path, Row, Answer> });

type ShowApp = Pick<App, 'connected' | 'view'> & { readonly store: Pick<App['store'], 'position'> };

const shown = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .optional()
    .describe('The `Position` of a write, which is waited for: two seconds at most'),
});

/** See `RouteMaker.show`. */
export function showRoute(
  app: ShowApp,
  all: RouteDocumentation,
  path: string,
  projection: Projection,
  spec: RouteDocumentation & {
    readonly answer: z.ZodType;
    readonly missing?: () => Error;
    readonly toAnswer?: ToAnswer<string, unknown, z.ZodType>;
  },
): Routes {
  const { method, url, params } = readPath(path, `row of ${projection.name}`);
  const { answer, missing = nothingThere, toAnswer = (row: unknown) => row } = spec;
  const { schema, responses } = documented(spec, all, [400, 404, 503]);
  const response = { 200: withHeaders(answer, 'etag'), ...responses };

  return async (server) => {
    server.route({
      method,
      url,
      schema: { ...schema, ...params, querystring: shown, response } as object,
      async handler(given, reply) {
        const { after } = given.query as z.output<typeof shown>;
        if (after !== undefined) await waitForPosition(app, projection, after);
        const { id = '' } = given.params as { readonly id?: string };
        const row = await findRow(app, projection, id);
        if (row === undefined) throw missing();
        const revision = revisionOf(row);
        if (revision !== undefined) reply.header('etag', etag(revision));
        return toAnswer(row, routeRequest(given));
      },
    });
  };
}

/** A row that keeps the revision of its aggregate names it. */
function revisionOf(row: unknown): number | undefined {
  const revision = typeof row === 'object' && row !== null && 'revision' in row ? row.revision : undefined;
  return Number.isSafeInteger(revision) ? (revision as number) : undefined;
}
