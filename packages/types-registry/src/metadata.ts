import { InvalidEventError, MalformedEnvelopeError } from './envelope-errors.ts';
import type { JsonValue, Metadata } from './event.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';

export type Header = readonly [name: string, value: string];

/** Holds the metadata that is no CloudEvents extension: other names, and values that are not text. */
export const metadataHeader = 'Pipit-Metadata';

/** CloudEvents 1.0, "Naming Conventions": lower-case letters and digits, 20 characters at most. */
const extensionName = /^[a-z0-9]{1,20}$/;

const reserved = new Set(
  'id source specversion type time subject datacontenttype dataschema data database64 schemaversion revision correlationid causationid traceparent tracestate'.split(
    ' ',
  ),
);

export function isExtension(name: string): boolean {
  return extensionName.test(name) && !reserved.has(name);
}

export function metadataHeaders(metadata: Metadata): Header[] {
  const headers: Header[] = [];
  const rest: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === 'string' && isExtension(name))
      headers.push([`ce-${name}`, encodeText(`metadata ${name}`, value)]);
    else rest.push([name, value]);
  }
  if (rest.length > 0)
    headers.push([metadataHeader, encodeText('metadata', jsonOf(Object.fromEntries(rest)))]);
  return headers;
}

/** @throws InvalidEventError where the text is not well-formed Unicode. */
export function encodeText(field: string, value: string): string {
  if (typeof value !== 'string') throw new InvalidEventError(field, 'is not a string');
  try {
    return encodeHeaderValue(value);
  } catch (cause) {
    throw new InvalidEventError(field, 'holds half of a surrogate pair, which has no UTF-8 form', cause);
  }
}

function jsonOf(value: Readonly<Record<string, JsonValue>>): string {
  try {
    return JSON.stringify(value, refuseWhatJsonLoses);
  } catch (cause) {
    if (cause instanceof InvalidEventError) throw cause;
    throw new InvalidEventError('metadata', `has no JSON form: ${String(cause)}`, cause);
  }
}

function refuseWhatJsonLoses(key: string, value: unknown): unknown {
  const kept = typeof value !== 'number' || Number.isFinite(value);
  if (kept && value !== undefined && typeof value !== 'function' && typeof value !== 'symbol') return value;
  throw new InvalidEventError(`metadata ${key}`, `is ${String(value)}, which JSON cannot carry`);
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
