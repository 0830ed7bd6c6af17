import type { AttemptError } from '../dead-letters.ts';

/** Characters of a stack that are kept: what is stored of a failure must fit into a message. */
const longestStack = 4_000;
const longestText = 2_000;

/** What is kept of an error that a handler threw. */
export function attemptError(error: Error, at: Date, instance: string): AttemptError {
  const { stack } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    at,
    name: String(error.name).slice(0, longestText),
    message: error.message.slice(0, longestText),
    ...(typeof code === 'string' && { code: code.slice(0, longestText) }),
    ...(typeof stack === 'string' && { stack: stack.slice(0, longestStack) }),
    instance,
  };
}

/** What is known of an attempt that nobody survived to tell of. */
export function died({ at, instance }: { readonly at: Date; readonly instance: string }): AttemptError {
  const message = `the process that handled it (${instance}) ended, or was out of reach for longer than its lease`;
  return { at, name: 'ProcessDied', message, instance };
}
