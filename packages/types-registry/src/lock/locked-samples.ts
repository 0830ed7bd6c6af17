import { createCatalog } from '../catalog.ts';
import { builtInCodecs, type Codec, json, mediaType } from '../codec.ts';
import type { EventDefinition } from '../define-event.ts';
import type { SchemaVersion } from '../definition.ts';
import { encodePayload } from '../payload.ts';
import { samplesOf } from './samples.ts';
import type { JsonSchema } from './schema-parts.ts';

/**
 * Payloads that this version writes and that are read by all that comes after it: JSON as it is, other formats as their
 * bytes in base64. Of codecs of one's own there are none, which might write the same payload in many ways.
 */
export function samplesFor(
  definition: EventDefinition,
  version: SchemaVersion,
  schema: JsonSchema,
): readonly unknown[] {
  const { codec } = definition;
  if (!builtInCodecs.includes(codec)) return [];
  const { version: schemaVersion } = version;
  const writer = { ...definition, schemaVersion, schema: version.schema };
  const reader = createCatalog('event', [definition], builtInCodecs);
  const write = (value: unknown) => encodePayload(writer, value).bytes;
  const samples = samplesOf(schema).flatMap((value) => {
    try {
      const bytes = write(value);
      reader.decode(definition.type, { contentType: codec.contentType, schemaVersion, bytes });
      // A payload with something of the moment in it, such as a default that is now, is another one every time.
      return Buffer.compare(bytes, write(value)) === 0 ? [sampleOf(codec, bytes)] : [];
    } catch {
      // Not a payload that is written, or that was ever read: there is nothing to keep.
      return [];
    }
  });
  return distinct(samples);
}

function sampleOf(codec: Codec, bytes: Uint8Array): unknown {
  return codec === json ? json.decode(bytes) : Buffer.from(bytes).toString('base64');
}

export function bytesOf(contentType: string, sample: unknown): Uint8Array {
  const isJson = mediaType(contentType) === json.contentType;
  return isJson ? json.encode(sample) : new Uint8Array(Buffer.from(String(sample), 'base64'));
}

function distinct(samples: readonly unknown[]): readonly unknown[] {
  return [...new Map(samples.map((sample) => [JSON.stringify(sample), sample])).values()];
}
