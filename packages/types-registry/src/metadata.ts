import { InvalidEventError, MalformedEnvelopeError } from './envelope-errors.ts';
import type { JsonValue, Metadata } from './event.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import { isPlainObject, lostInRoundTrip } from './round-trip.ts';

/** One line of a message's header; `value` is as it goes on the wire. */
export type Header = readonly [name: string, value: string];

/** Holds the metadata that is no CloudEvents extension: other names, and values that are not text. */
export const metadataHeader = 'Pipit-Metadata';

/** CloudEvents 1.0, "Naming Conventions": lower-case letters and digits. */
const attributeName = /^[a-z0-9]+$/;

/** They should not be longer, so Pipit writes none that are; what others wrote is read. */
const longestAttributeName = 20;

/** Attributes of CloudEvents and of Pipit. They are the envelope's, so metadata of these names goes into the header. */
const reserved: ReadonlySet<string> = new Set([
  ...['id', 'source', 'specversion', 'type', 'time', 'subject', 'datacontenttype', 'dataschema', 'data'],
  ...['schemaversion', 'revision', 'correlationid', 'causationid', 'traceparent', 'tracestate'],
]);

/** Whether an attribute is metadata: an extension that is not Pipit's own. */
export function isExtension(name: string): boolean {
  return !reserved.has(name) && attributeName.test(name);
}

/** @throws InvalidEventError for what JSON cannot carry. A key whose value is `undefined` counts as absent. */
export function metadataHeaders(metadata: Metadata): Header[] {
  if (!isPlainObject(metadata)) throw new InvalidEventError('metadata', 'is not a plain object');
  const headers: Header[] = [];
  const rest: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === 'string' && name.length <= longestAttributeName && isExtension(name)) {
      headers.push([`ce-${name}`, encodeText(`metadata ${name}`, value)]);
    } else if (value !== undefined) rest.push([name, value]);
  }
  if (rest.length > 0) headers.push([metadataHeader, encodeHeaderValue(jsonOf(Object.fromEntries(rest)))]);
  return headers;
}

/** @throws InvalidEventError where it is no text, or not well-formed Unicode. */
export function encodeText(field: string, value: string): string {
  if (typeof value !== 'string') throw new InvalidEventError(field, `is not a string but ${typeof value}`);
  try {
    return encodeHeaderValue(value);
  } catch (cause) {
    throw new InvalidEventError(field, 'holds half of a surrogate pair, which has no UTF-8 form', cause);
  }
}

function jsonOf(metadata: Metadata): string {
  try {
    const text = JSON.stringify(metadata);
    const lost = lostInRoundTrip(metadata, JSON.parse(text));
    if (lost === undefined) return text;
    throw new InvalidEventError(`metadata ${lost.path.join('.')}`, `${lost.message}: JSON cannot carry it`);
  } catch (cause) {
    if (cause instanceof InvalidEventError) throw cause;
    throw new InvalidEventError('metadata', `has no JSON form: ${String(cause)}`, cause);
  }
}

/** @throws MalformedEnvelopeError where the header is not a JSON object. */
export function parseMetadataHeader(value: string): [string, JsonValue][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decodeHeaderValue(metadataHeader, value));
  } catch (cause) {
    throw new MalformedEnvelopeError(metadataHeader, 'is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedEnvelopeError(metadataHeader, 'is not a JSON object');
  }
  return Object.entries(parsed);
}
