import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';
import { type HeaderBlock, headerBlock } from '@pipit/types-registry';

/**
 * The headers as they are on the wire. The client's own decoder checks and canonicalizes each name again, and looks
 * through all of them for each that is asked for, which costs more than decoding the event.
 */
export function rawHeaders(message: Msg): HeaderBlock {
  if (!(message instanceof MsgImpl)) return copiedHeaders(message.headers);
  const { hdr } = message._msg;
  if (hdr <= 0) return headerBlock('');
  const data = message._rdata;
  // Over a socket of Node it is a buffer already, and there is one for every event that is read.
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, hdr);
  return headerBlock(bytes.toString('utf8', 0, hdr));
}

export function copiedHeaders(headers: MsgHdrs | undefined): HeaderBlock {
  const names = headers?.keys() ?? [];
  return headerBlock(`\r\n${names.map((name) => `${name}: ${headers?.get(name)}\r\n`).join('')}\r\n`);
}
