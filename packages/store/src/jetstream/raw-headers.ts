import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';

/** The headers of a message, by their exact names; of a name that stands twice, the first. */
export type RawHeaders = ReadonlyMap<string, string>;

const none: RawHeaders = new Map();

/**
 * The headers as they are on the wire. The client's own decoder checks and canonicalizes each name again, and looks
 * through all of them for each that is asked for, which costs more than decoding the event.
 */
export function rawHeaders(message: Msg): RawHeaders {
  if (!(message instanceof MsgImpl)) return copiedHeaders(message.headers);
  const { hdr } = message._msg;
  return hdr <= 0 ? none : parse(message._rdata, hdr);
}

/** A delivery wraps the message of the connection. */
export function headersOf(delivered: { readonly headers?: MsgHdrs | undefined }): RawHeaders {
  const { msg } = delivered as { readonly msg?: Msg };
  return msg === undefined ? copiedHeaders(delivered.headers) : rawHeaders(msg);
}

export function copiedHeaders(headers: MsgHdrs | undefined): RawHeaders {
  return new Map(headers?.keys().map((name) => [name, headers.get(name)]));
}

function parse(bytes: Uint8Array, length: number): RawHeaders {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  const headers = new Map<string, string>();
  let start = block.indexOf('\r\n') + 2;
  for (;;) {
    const end = block.indexOf('\r\n', start);
    if (end <= start) return headers;
    const colon = block.indexOf(':', start);
    if (colon > start && colon < end) {
      const name = block.slice(start, colon);
      if (!headers.has(name)) headers.set(name, block.slice(colon + 1, end).trim());
    }
    start = end + 2;
  }
}
