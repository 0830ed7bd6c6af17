import type { Msg } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';
import { type HeaderBlock, headerBlock } from '@pipit/types-registry';

/** The headers as they are on the wire; the client's own decoder costs more than the rest of a delivery. */
export function rawHeaders(message: Msg): HeaderBlock {
  const bytes = rawHeaderBytes(message);
  if (bytes === undefined) return headerBlock('');
  return headerBlock(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

function rawHeaderBytes(message: Msg): Uint8Array | undefined {
  if (!(message instanceof MsgImpl)) return written(message);
  const { hdr } = message._msg;
  return hdr > 0 ? message._rdata.subarray(0, hdr) : undefined;
}

function written({ headers }: Msg): Uint8Array | undefined {
  if (headers === undefined) return undefined;
  const lines = headers.keys().map((name) => `${name}: ${headers.get(name)}\r\n`);
  return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
}
