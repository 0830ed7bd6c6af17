import { inspect, isDeepStrictEqual, types } from 'node:util';
import { InvalidArgumentError } from '../invalid-argument.ts';

export type ErrorClass = abstract new (...args: never[]) => Error;
/** A part of the message, or a pattern it matches. */
export type ErrorMessage = string | RegExp;
/** What some fields of an error are, compared deeply; the others may be anything. */
export type ErrorFields = Readonly<Record<string, unknown>>;

/** Something to look for in what was thrown. */
export interface ErrorExpectation {
  readonly text: string;
  isMet(thrown: unknown): boolean;
}

/** @throws InvalidArgumentError for what callers without types may pass: a specification that cannot fail is none */
export function errorExpectations(
  expected: ErrorClass | ErrorMessage | ErrorFields,
  message: ErrorMessage | undefined,
): ErrorExpectation[] {
  const expectations = [typeof expected === 'function' ? ofClass(expected) : ofMessageOrFields(expected)];
  return message === undefined ? expectations : [...expectations, ofMessage(message)];
}

function ofClass(expected: ErrorClass): ErrorExpectation {
  // A function that is no class of errors has no message; asked in this way, errors of another realm are errors too.
  if (typeof expected.prototype?.message !== 'string')
    throw new InvalidArgumentError(
      'thenThrows',
      'takes a class of errors, a message, or an object of fields',
    );
  return { text: `a ${expected.name}`, isMet: (thrown) => thrown instanceof expected };
}

function ofMessageOrFields(expected: ErrorMessage | ErrorFields): ErrorExpectation {
  if (typeof expected === 'string' || types.isRegExp(expected)) return ofMessage(expected);
  const fields = Object.entries(expected ?? {});
  if (fields.length === 0)
    throw new InvalidArgumentError('thenThrows', 'needs to know what is thrown: a class, a message, fields');
  return {
    text: `an error with ${inspect(expected)}`,
    isMet: (thrown) =>
      fields.every(([name, value]) =>
        isDeepStrictEqual((thrown as ErrorFields | null | undefined)?.[name], value),
      ),
  };
}

function ofMessage(expected: ErrorMessage): ErrorExpectation {
  return {
    text: `a message with ${inspect(expected)}`,
    isMet(thrown) {
      const text = messageOf(thrown);
      return typeof expected === 'string' ? text.includes(expected) : new RegExp(expected).test(text);
    },
  };
}

function messageOf(thrown: unknown): string {
  const { message } = Object(thrown) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(thrown);
}
