import { type EventDraft, eventHeaders, type Header } from '@pipit/types-registry';

/** Headers of an event as they go on the wire. All ASCII: values are percent-encoded. @throws InvalidEventError */
export function headerBlock(store: string, draft: EventDraft): Buffer {
  return blockOf(eventHeaders(store, draft));
}

export function blockOf(headers: Iterable<Header>): Buffer {
  let block = 'NATS/1.0\r\n';
  for (const [name, value] of headers) block += `${name}: ${value}\r\n`;
  return Buffer.from(`${block}\r\n`, 'latin1');
}
