import { ConnectionError, decodeAnswer, TimeoutError } from '@pipit/types-registry';
import { NotHandledError, OutcomeUnknownError, RemoteError } from '../command-errors.ts';
import { toError } from '../to-error.ts';
import type { Form } from './form.ts';
import type { Answer } from './transport.ts';

/** Who waits for an answer. */
export interface Waiting {
  readonly form: Form;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export function settle({ form, resolve, reject }: Waiting, answer: Answer): void {
  if (answer.status === 'answered') {
    try {
      resolve(decodeAnswer(form.definition, answer.payload));
    } catch (error) {
      reject(toError(error));
    }
  } else if (answer.status === 'failed' || answer.status === 'refused') {
    reject(new RemoteError(form, answer.failure, answer.status));
  } else if (answer.status === 'stopped') reject(new OutcomeUnknownError(form, 'handler-stopped'));
  else reject(new NotHandledError(form, answer.status));
}

export function tooLate({ name }: Form, timeout: number): TimeoutError {
  return new TimeoutError({
    operation: name,
    timeout,
    advice:
      'Its handler was told to end, and may have done its work, all or some of it: look at what it should have changed ' +
      'before you send it again, or give it a longer timeout.',
  });
}

export function notSent(
  { name }: Form,
  servers: readonly string[],
  why: string,
  cause: Error | undefined,
): ConnectionError {
  const message = `${name} was not sent: ${why}. Send it again when the connection is up.`;
  return new ConnectionError('unreachable', servers, message, cause);
}

export function notAllowed({ name }: Form, servers: readonly string[], cause: Error): ConnectionError {
  const message = `${name} may not be sent: ${cause.message}. Give this user permission to publish to its subject.`;
  return new ConnectionError('unauthorized', servers, message, cause);
}
