import { MalformedEnvelopeError } from './envelope-errors.ts';

const plain = /^[!#$&-~]*$/;

/**
 * A header value as CloudEvents' bindings have it (HTTP binding 1.0.2, section 3.1.3.2, taken over by NATS): space, `"`,
 * `%` and all that is not printable ASCII become `%XX` of their UTF-8 bytes. A line break can therefore never end a
 * header.
 *
 * @throws URIError where the value is not well-formed Unicode.
 */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value)) return value;
  // All that may stand unencoded in a URI component may stand in a header, so a run is encoded as a whole.
  return value.replace(/[^!#$&-~]+/g, (run) => encodeURIComponent(run));
}

/**
 * Reads every escape, also of characters that need none, as the binding demands.
 *
 * @throws MalformedEnvelopeError where an escape is broken.
 */
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
