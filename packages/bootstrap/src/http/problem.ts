import { STATUS_CODES } from 'node:http';
import { PipitError } from '@pipit/types-registry';
import { z } from 'zod';

export const problemType = 'application/problem+json';

/** One thing wrong with a request; `field` leads to it, outermost key first: `author.name`, `(body)` for all of it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What a refusal says: an HTTP status from 400, a code that programs branch on, and a text for people. */
export interface Refusal {
  readonly status: number;
  /** Stable, in capitals: `TITLE_TAKEN`. */
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[] | undefined;
}

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('What programs branch on, such as `CONFLICT`'),
    operation: z.string().optional().describe('The operation that the request was, where it was one'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('The fields that are wrong'),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457' });

/** Problem details (RFC 9457), with `code`, `operation` and `errors` as extension members. */
export type Problem = z.output<typeof problemSchema>;

export function createProblem({ status, code, detail, errors }: Refusal, operation?: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(operation !== undefined && { operation }),
    ...(errors && { errors: errors.map(({ field, message }) => ({ field, message })) }),
  };
}

/** An error that says itself which problem it is. What it says is told to the caller. */
export class ProblemError extends PipitError {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    { status, code, detail, errors }: Refusal,
    options: ErrorOptions & { headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail, options);
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.headers = options.headers ?? {};
  }
}

/** It cannot be answered now, and may be soon: 503. */
export class UnavailableError extends ProblemError {
  constructor(detail: string, options?: ErrorOptions) {
    super({ status: 503, code: 'UNAVAILABLE', detail }, options);
  }
}
