import { decode as decodeMessagePack, encode as encodeMessagePack } from '@msgpack/msgpack';

/**
 * Turns a payload into bytes and back. `contentType` is what an event names its codec by (CloudEvents'
 * `datacontenttype`), so it must never change for a codec that has written events. `encode` and `decode` may throw
 * anything; callers wrap it.
 */
export interface Codec {
  /** For people: it stands in errors. */
  readonly name: string;
  /** A media type (RFC 9110, 8.3.1). Its parameters are not compared. */
  readonly contentType: string;
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** RFC 8259 JSON in UTF-8: the default. `-0` is read as `0`; a lone surrogate is kept as an escape. */
export const json: Codec = {
  name: 'json',
  contentType: 'application/json',
  encode(value) {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError('JSON has no form for this value');
    return Buffer.from(text, 'utf8');
  },
  decode: (bytes) => JSON.parse(utf8.decode(bytes)) as unknown,
};

/** MessagePack (https://msgpack.org): smaller than JSON, and carries bytes, dates, `NaN` and infinities as they are. */
export const messagePack: Codec = {
  name: 'messagepack',
  contentType: 'application/vnd.msgpack',
  encode: (value) => encodeMessagePack(value, { ignoreUndefined: true }),
  decode(bytes) {
    // Whatever takes place takes a byte at least: a few bytes cannot claim a length that fills the memory.
    const most = bytes.byteLength;
    return decodeMessagePack(plainView(bytes), {
      maxStrLength: most,
      maxBinLength: most,
      maxArrayLength: most,
      maxMapLength: most,
      maxExtLength: most,
    });
  },
};

/** The payload is a `Uint8Array` and is stored as it is, without a copy: do not change it once it is given. */
export const rawBytes: Codec = {
  name: 'bytes',
  contentType: 'application/octet-stream',
  encode(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError('the bytes codec takes a Uint8Array');
    return value;
  },
  decode: plainView,
};

/** Bytes as a `Uint8Array` proper, whatever subclass the transport hands over: what is read equals what was written. */
function plainView({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export const builtInCodecs: readonly Codec[] = [json, messagePack, rawBytes];

/** `application/json; charset=utf-8` and `application/json` name the same codec (RFC 9110, 8.3.1). */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
