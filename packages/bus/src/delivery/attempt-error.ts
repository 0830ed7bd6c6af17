import type { AttemptError } from '../dead-letters.ts';

/** Characters that are kept: what is stored of a failure must fit into a message. */
const longestName = 200;
const longestMessage = 2_000;
const longestStack = 4_000;

/** What is told of an error. */
export type ErrorText = Pick<AttemptError, 'name' | 'message' | 'code' | 'stack'>;

/** What is kept of an error that a handler threw, and where. */
export function attemptError(error: Error, at: Date, instance: string): AttemptError {
  return { at, ...errorText(error), instance };
}

/** What can be said of an error, also of one that throws when it is looked at, or is larger than a message. */
export function errorText(error: Error): ErrorText {
  const code = textOf(error, 'code', longestName);
  const stack = textOf(error, 'stack', longestStack);
  return {
    name: textOf(error, 'name', longestName) ?? 'Error',
    message: textOf(error, 'message', longestMessage) ?? 'its message cannot be shown',
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
  };
}

function textOf(error: Error, field: keyof ErrorText, most: number): string | undefined {
  try {
    const text: unknown = Reflect.get(error, field);
    return typeof text === 'string' ? cut(text, most) : undefined;
  } catch {
    return undefined;
  }
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (cut, ${text.length} characters)`;
}

/** What is known of an attempt that nobody survived to tell of. */
export function died({ at, instance }: { readonly at: Date; readonly instance: string }): AttemptError {
  const message = `the process that handled it (${instance}) ended, or was out of reach for longer than its lease`;
  return { at, name: 'ProcessDied', message, instance };
}
