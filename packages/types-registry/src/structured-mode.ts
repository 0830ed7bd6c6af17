import { json, mediaType } from './codec.ts';
import { type Envelope, readAttributes } from './envelope.ts';
import { MalformedEnvelopeError } from './envelope-errors.ts';
import type { JsonValue, Metadata } from './event.ts';
import { isExtension } from './metadata.ts';

type Attributes = ReadonlyMap<string, JsonValue>;

/**
 * An event in CloudEvents' JSON format (1.0.2, section 3), with its payload in `data` or `data_base64`. `revision` and,
 * where it is not 1, `schemaversion` are extensions, as they are in binary mode; both may be numbers or text.
 *
 * @throws MalformedEnvelopeError
 */
export function parseStructured(body: Uint8Array, storedAt: () => Date, isRevised = true): Envelope {
  const attributes = attributesOf(body);
  const text = (name: string) => textOf(attributes, name);
  const { schemaVersion, ...envelope } = readAttributes(text, storedAt, isRevised);
  const contentType = textOf(attributes, 'datacontenttype') ?? json.contentType;
  return {
    ...envelope,
    payload: { ...payloadOf(attributes, contentType), schemaVersion },
    metadata: metadataOf(attributes),
  };
}

/** What a structured event says its type is, also where the rest of it is unreadable. */
export function structuredType(body: Uint8Array): string | undefined {
  return textOf(attributesOf(body), 'type');
}

function attributesOf(body: Uint8Array): Attributes {
  let parsed: unknown;
  try {
    parsed = json.decode(body);
  } catch (cause) {
    throw new MalformedEnvelopeError('structured body', 'is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedEnvelopeError('structured body', 'is not a JSON object');
  }
  // A null is an attribute that is not set (section 2.2), except as the payload.
  return new Map(Object.entries(parsed).filter(([name, value]) => value !== null || name === 'data'));
}

const numbers: ReadonlySet<string> = new Set(['revision', 'schemaversion']);

function textOf(attributes: Attributes, name: string): string | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && numbers.has(name)) return String(value);
  throw new MalformedEnvelopeError(name, `is not a non-empty string: ${JSON.stringify(value)}`);
}

/** Section 3.1.2. With `data` of a JSON content type, the codec is JSON, whatever JSON it is. */
function payloadOf(attributes: Attributes, contentType: string) {
  const data = attributes.get('data');
  const encoded = attributes.get('data_base64');
  if (data === undefined) return { contentType, bytes: bytesOf(encoded) };
  if (encoded !== undefined) throw new MalformedEnvelopeError('data', 'stands beside data_base64');
  if (isJson(contentType)) return { contentType: json.contentType, bytes: json.encode(data) };
  if (typeof data === 'string') return { contentType, bytes: Buffer.from(data, 'utf8') };
  throw new MalformedEnvelopeError(
    'data',
    `is neither text nor, by its datacontenttype ${JSON.stringify(contentType)}, JSON`,
  );
}

function isJson(contentType: string): boolean {
  return /[/+]json$/.test(mediaType(contentType));
}

function bytesOf(encoded: JsonValue | undefined): Uint8Array {
  if (encoded === undefined)
    throw new MalformedEnvelopeError('payload', 'is missing: no data, no data_base64');
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined;
  // `Buffer.from` passes over what is not base64.
  if (bytes !== undefined && bytes.toString('base64') === encoded) return bytes;
  throw new MalformedEnvelopeError('data_base64', 'is not base64');
}

function metadataOf(attributes: Attributes): Metadata {
  return Object.fromEntries([...attributes].filter(([name]) => isExtension(name)));
}
