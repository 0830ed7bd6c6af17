import { MalformedEnvelopeError } from './envelope-errors.ts';

const plain = /^[!#$&-~]*$/;

/**
 * A header value as CloudEvents' NATS binding (1.0, section 3.1.3.2) has it: space, `"`, `%` and all that is not
 * printable ASCII become `%XX` of their UTF-8 bytes. A line break can therefore never end a header.
 *
 * @throws URIError where the value is not well-formed Unicode.
 */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value)) return value;
  return value.replace(/[^!#$&-~]/gu, percentEncode);
}

function percentEncode(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  return encodeURIComponent(character);
}

/** @throws MalformedEnvelopeError where an escape is broken. */
export function decodeHeaderValue(attribute: string, value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new MalformedEnvelopeError(
      attribute,
      `holds a broken percent-encoding: ${JSON.stringify(value)}`,
      cause,
    );
  }
}
