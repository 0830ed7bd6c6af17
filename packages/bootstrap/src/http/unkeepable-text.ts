import { type FieldError, ProblemError } from './problem.ts';

/** More than anybody nests, and few enough for the stack. */
const deepest = 500;
const reason = 'holds NUL or half of a character, which cannot be kept';

/**
 * Refuses texts that an event may hold and a row may not. A view would stop at such an event for good: one request would
 * end the service of all others.
 *
 * @throws ProblemError
 */
export function requireKeepable({
  params,
  body,
}: {
  readonly params: unknown;
  readonly body: unknown;
}): void {
  if (unkeepable(params, []) !== undefined)
    throw new ProblemError({ status: 404, code: 'NOT_FOUND', detail: 'There is nothing with this id.' });
  const wrong = unkeepable(body, []);
  if (wrong === undefined) return;
  const detail = 'The request does not fit; see errors.';
  throw new ProblemError({ status: 400, code: 'INVALID_REQUEST', detail, errors: [wrong] });
}

function unkeepable(value: unknown, path: readonly string[]): FieldError | undefined {
  if (typeof value === 'string') return isKeepable(value) ? undefined : wrongAt(path);
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length === deepest) return { field: String(path[0]), message: `has more than ${deepest} levels` };
  for (const [name, inner] of Object.entries(value)) {
    const found = isKeepable(name) ? unkeepable(inner, [...path, name]) : wrongAt(path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function wrongAt(path: readonly string[]): FieldError {
  return { field: path.length === 0 ? '(body)' : path.join('.'), message: reason };
}
