import { InvalidSubjectTokenError } from './envelope-errors.ts';

/** Bytes a token may take once it is encoded. */
export const maxTokenBytes = 128;

const plain = /^[A-Za-z0-9_-]+$/;
const encoded = /^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/;

/**
 * A name or id as one token of a NATS subject: letters, digits, `-` and `_` stay, every other UTF-8 byte becomes `=XX`.
 * Different values have different tokens, and no token holds `.`, `*`, `>`, a space or a control character.
 *
 * @throws InvalidSubjectTokenError if the value is empty, over 128 bytes encoded, or not well-formed Unicode.
 */
export function encodeToken(what: string, value: string): string {
  if (typeof value !== 'string')
    throw new InvalidSubjectTokenError(what, String(value), 'it is not a string');
  if (plain.test(value)) {
    if (value.length <= maxTokenBytes) return value;
    throw tooLong(what, value);
  }
  if (value === '') throw new InvalidSubjectTokenError(what, value, 'it is empty');
  if (value.length > maxTokenBytes) throw tooLong(what, value);
  if (!value.isWellFormed()) {
    throw new InvalidSubjectTokenError(
      what,
      value,
      'it holds half of a surrogate pair, which has no UTF-8 form',
    );
  }
  const token = value.replace(/[^A-Za-z0-9_-]+/g, percentEncode);
  if (token.length > maxTokenBytes) throw tooLong(what, value);
  return token;
}

/**
 * Checks the name of a store. It is the name of a stream and the root of subjects, as it is, so it is not encoded but
 * refused. A leading `_` is NATS's own: a store `_INBOX` would swallow every answer.
 *
 * @throws InvalidSubjectTokenError
 */
export function requireStoreName(name: string): string {
  if (encodeToken('store name', name) === name && !name.startsWith('_')) return name;
  throw new InvalidSubjectTokenError(
    'store name',
    name,
    'it may hold letters, digits, - and _, and does not begin with _. Choose another name',
  );
}

/**
 * The value of a token that `encodeToken` made.
 *
 * @throws InvalidSubjectTokenError for any other token.
 */
export function decodeToken(what: string, token: string): string {
  if (token.length > maxTokenBytes) throw tooLong(what, token);
  if (plain.test(token)) return token;
  if (encoded.test(token)) {
    try {
      const value = decodeURIComponent(token.replaceAll('=', '%'));
      if (encodeToken(what, value) === token) return value;
    } catch (cause) {
      if (!(cause instanceof URIError)) throw cause;
    }
  }
  throw new InvalidSubjectTokenError(what, token, 'it is not a token that Pipit writes');
}

function percentEncode(run: string): string {
  return Buffer.from(run, 'utf8').toString('hex').toUpperCase().replace(/../g, '=$&');
}

function tooLong(what: string, value: string): InvalidSubjectTokenError {
  return new InvalidSubjectTokenError(
    what,
    value,
    `it takes more than ${maxTokenBytes} bytes in a subject, where letters, digits, - and _ take one and every other ` +
      'UTF-8 byte takes three. Use a shorter one',
  );
}
