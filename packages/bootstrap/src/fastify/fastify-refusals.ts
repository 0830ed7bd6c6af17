import { STATUS_CODES } from 'node:http';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { inDoubt, type Situation } from '../http/pipit-refusals.ts';
import type { FieldError, Refusal } from '../http/problem.ts';

/**
 * What Fastify's own errors mean, and those of its plugins, which say their status as well; `undefined` for others. What a
 * handler throws is told only where it says that it may be: a status may be that of another service, and its text secret.
 */
export function fastifyRefusal(
  error: unknown,
  situation: Situation & { readonly isHandled: boolean },
): Refusal | undefined {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = error.validationContext ?? 'request';
    const errors = error.validation.flatMap((invalid) => fieldErrors(invalid, place));
    return { status: 400, code: 'INVALID_REQUEST', detail: 'The request does not fit; see errors.', errors };
  }
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_HANDLER_TIMEOUT') {
    const told = situation.isWrite
      ? inDoubt(situation)
      : { status: 503, detail: 'It took too long. Try again soon.' };
    return { code: 'HANDLER_TIMEOUT', ...told };
  }
  if (typeof code === 'string' && Object.hasOwn(known, code)) return known[code];
  const isRefusal = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  const isTold = !situation.isHandled || error.name === 'FastifyError' || isExposed(error);
  return isRefusal && isTold
    ? { status: statusCode, code: codeOf(statusCode), detail: error.message }
    : undefined;
}

const known: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'BODY_TOO_LARGE', detail: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The body has to be application/json.',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'MALFORMED_URL', detail: 'The path is not well encoded.' },
};

/** As `http-errors` and its like mark what is meant for the caller. */
function isExposed(error: Error): boolean {
  return 'expose' in error && error.expose === true;
}

/** `Too Many Requests` as a code: `TOO_MANY_REQUESTS`. */
function codeOf(status: number): string {
  return (STATUS_CODES[status] ?? 'Refused').toUpperCase().replace(/[^A-Z]+/g, '_');
}

interface Invalid {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

function fieldErrors(
  { keyword, instancePath, message = 'is wrong', params }: Invalid,
  place: string,
): FieldError[] {
  const strangers = keyword === 'unrecognized_keys' ? (params['keys'] as readonly string[]) : [];
  if (strangers.length > 0)
    return strangers.map((field) => ({ field, message: 'is not a field of this request' }));
  const field = instancePath.slice(1).replaceAll('/', '.');
  return [{ field: field === '' ? `(${place})` : field, message }];
}
