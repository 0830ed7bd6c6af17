import { z } from 'zod';
import { problemSchema, problemType } from '../http/problem.ts';

const meanings = {
  400: 'The request is broken; `errors` names the fields.',
  401: 'It takes credentials.',
  403: 'It is not allowed.',
  404: 'There is nothing with this id.',
  409: 'It cannot be done in the present state.',
  412: 'It is not at the revision that `If-Match` names.',
  413: 'The body is too large.',
  415: 'The body is not `application/json`.',
  503: 'NATS, the database or a view is not there at the moment; `Retry-After` says when to try again.',
} as const;

export type ProblemStatus = keyof typeof meanings;

/** The responses of a route that are problems, for its `schema.response` and so for OpenAPI. */
export function problems<Status extends ProblemStatus>(...statuses: readonly Status[]) {
  const response = (status: Status) => ({
    description: meanings[status],
    content: { [problemType]: { schema: problemSchema } },
  });
  return Object.fromEntries(statuses.map((status) => [status, response(status)])) as Record<
    Status,
    ReturnType<typeof response>
  >;
}

const headers = {
  etag: { ETag: { type: 'string', description: 'The revision, for `If-Match`' } },
  position: { Position: { type: 'integer', description: 'Where it is in the log, for `after`' } },
  location: { Location: { type: 'string', description: 'Where to look for it' } },
  operation: { 'Operation-Id': { type: 'string', description: 'The operation that the request was' } },
} as const;

/** The schema of an answer that comes with these headers, for its `schema.response` and so for OpenAPI. */
export function withHeaders<Schema extends z.ZodType>(
  schema: Schema,
  ...names: readonly (keyof typeof headers)[]
): Schema {
  const described = Object.assign({}, ...names.map((name) => headers[name]));
  return schema.meta({ description: schema.description ?? 'Done', headers: described });
}

/** What an answer holds where a route says nothing else. */
export const onlyId = z.object({ id: z.string() });

/** What OpenAPI tells of a route beside its shapes. */
export interface RouteDocumentation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Statuses of problems beyond those that such a route has anyway. */
  readonly problems?: readonly ProblemStatus[];
}

/** For a route's `schema`. What is said of the route wins over what is said of all. */
export function documented(
  route: RouteDocumentation,
  all: RouteDocumentation,
  always: readonly ProblemStatus[],
) {
  const { summary, description, tags, security } = { ...all, ...definedOf(route) };
  const statuses = [...new Set([...always, ...(all.problems ?? []), ...(route.problems ?? [])])];
  return {
    schema: definedOf({ summary, description, tags, security }),
    responses: problems(...statuses),
  };
}

function definedOf<Given extends object>(given: Given): Partial<Given> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<Given>;
}
