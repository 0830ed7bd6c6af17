import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';

/** The headers of a message, by their exact names; of a name that stands twice, the first. */
export interface RawHeaders {
  get(name: string): string | undefined;
  names(): Iterable<string>;
  /** What the server says of the message in a `Nats-` header, which is none of the message's own. */
  ofServer(name: string): string | undefined;
}

/**
 * The headers as they are on the wire. The client's own decoder checks and canonicalizes each name again, and looks
 * through all of them for each that is asked for, which costs more than decoding the event.
 */
export function rawHeaders(message: Msg): RawHeaders {
  if (!(message instanceof MsgImpl)) return copiedHeaders(message.headers);
  const { hdr } = message._msg;
  if (hdr <= 0) return new HeaderBlock('');
  const { buffer, byteOffset } = message._rdata;
  return new HeaderBlock(Buffer.from(buffer, byteOffset, hdr).toString('utf8'));
}

export function copiedHeaders(headers: MsgHdrs | undefined): RawHeaders {
  const names = headers?.keys() ?? [];
  return new HeaderBlock(`\r\n${names.map((name) => `${name}: ${headers?.get(name)}\r\n`).join('')}\r\n`);
}

/** A class, because there is one for every event that is read. */
class HeaderBlock implements RawHeaders {
  private readonly block: string;
  private fields: ReadonlyMap<string, string> | undefined = undefined;

  constructor(block: string) {
    this.block = block;
  }

  get(name: string): string | undefined {
    this.fields ??= parse(this.block);
    return this.fields.get(name);
  }

  names(): Iterable<string> {
    this.fields ??= parse(this.block);
    return this.fields.keys();
  }

  ofServer(name: string): string | undefined {
    const start = this.block.indexOf(`\r\n${name}:`);
    if (start === -1) return undefined;
    const value = start + name.length + 3;
    return this.block.slice(value, this.block.indexOf('\r\n', value)).trim();
  }
}

const capitalN = 0x4e;
const space = 0x20;

/** Leaves out `Nats-` headers: half of the lines, and no part of an event. */
function parse(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let start = block.indexOf('\r\n') + 2; ; ) {
    const end = block.indexOf('\r\n', start);
    if (end <= start) return fields;
    if (block.charCodeAt(start) !== capitalN || !block.startsWith('Nats-', start)) {
      const colon = block.indexOf(':', start);
      if (colon > start && colon < end) {
        const name = block.slice(start, colon);
        if (!fields.has(name)) fields.set(name, valueAt(block, colon + 1, end));
      }
    }
    start = end + 2;
  }
}

/** Nearly always there is one space before the value and none behind it. */
function valueAt(block: string, colon: number, end: number): string {
  const start = block.charCodeAt(colon) === space ? colon + 1 : colon;
  const value = block.slice(start, end);
  const isTrimmed = block.charCodeAt(start) > space && block.charCodeAt(end - 1) > space;
  return isTrimmed ? value : value.trim();
}
