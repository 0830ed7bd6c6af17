import type { StepError } from './saga-change.ts';

/** Characters that are kept: what is stored of a failure must fit into a message. */
const longestName = 200;
const longestMessage = 2_000;

/** What was thrown, as an error; anything can be. */
export function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    return new Error('what was thrown cannot be shown');
  }
}

/** What is kept of an error, also of one that throws when it is looked at, or is larger than a message. */
export function keptError(error: Error): StepError {
  const code = textOf(error, 'code', longestName);
  return {
    name: textOf(error, 'name', longestName) ?? 'Error',
    message: textOf(error, 'message', longestMessage) ?? 'its message cannot be shown',
    ...(code !== undefined && { code }),
  };
}

function textOf(error: Error, field: keyof StepError, most: number): string | undefined {
  try {
    const text: unknown = Reflect.get(error, field);
    if (typeof text !== 'string') return undefined;
    return text.length <= most
      ? text
      : `${text.slice(0, most).toWellFormed()}… (cut, ${text.length} characters)`;
  } catch {
    return undefined;
  }
}
