import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** Problem details, RFC 9457. */
const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('The fields that are wrong'),
  })
  .meta({ id: 'Problem' });

export type FieldError = { readonly field: string; readonly message: string };
export type Problem = z.output<typeof problem>;
export const problemType = 'application/problem+json';

const meanings = {
  400: 'The request is broken; `errors` names the fields.',
  401: 'It takes the administrator’s bearer token.',
  404: 'There is nothing with this id.',
  409: 'It cannot be done in the present state.',
  412: 'It is not at the revision that `If-Match` names.',
  413: 'The body is too large.',
  415: 'The body is not `application/json`.',
  503: 'NATS, the database or a view is not there at the moment; `Retry-After` says when to try again.',
} as const;

/** The responses of a route that are problems. */
export function problems<Status extends keyof typeof meanings>(...statuses: readonly Status[]) {
  const response = (status: Status) => ({
    description: meanings[status],
    content: { [problemType]: { schema: problem } },
  });
  return Object.fromEntries(statuses.map((status) => [status, response(status)])) as Record<
    Status,
    ReturnType<typeof response>
  >;
}

export function createProblem(status: number, detail: string, errors?: readonly FieldError[]): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(errors && { errors: [...errors] }),
  };
}
