import type { MsgHdrs } from '@nats-io/nats-core';

export type Fields = readonly (readonly [name: string, value: string])[];

/** As it goes on the wire. */
export function block(fields: Fields): Uint8Array {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
}

/** No break of a line and nothing that is not ASCII gets into a header. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

export function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Written by something else, which encodes nothing.
    return value;
  }
}

/** An empty one counts as absent. */
export function fieldOf(headers: MsgHdrs, name: string): string | undefined {
  const value = headers.get(name);
  return value === '' ? undefined : value;
}

/** All that the client's `publish` asks of headers; its own class would take them apart and put them together again. */
export function rawHeaders(headers: Uint8Array): MsgHdrs {
  return { encode: () => headers } as unknown as MsgHdrs;
}
