import type { LRUCache } from 'lru-cache';
import { isExpected } from '../expected-revision.ts';
import type { AppendContext } from './append-context.ts';
import { type OutgoingMessage, outgoing, type PreparedPart } from './outgoing.ts';
import { checkSizes } from './publish.ts';
import type { Tail } from './tail.ts';

const emptyTail: Tail = { revision: 0, sequence: 0 };

/** The tails of all parts without asking anybody, where they are known. */
export function knownTails(
  tails: LRUCache<string, Tail>,
  parts: readonly PreparedPart[],
): readonly Tail[] | undefined {
  const known: Tail[] = [];
  for (const { filter, expected } of parts) {
    const tail = tails.get(filter) ?? (expected === 'none' || expected === 0 ? emptyTail : undefined);
    if (tail === undefined) return undefined;
    known.push(tail);
  }
  return known;
}

/** Whether the tails are what the append expects. */
export function holds(parts: readonly PreparedPart[], guards: readonly Tail[]): boolean {
  return parts.every(({ expected }, index) => isExpected(expected, revisionOf(guards, index)));
}

export function revisionOf(tails: readonly Tail[], index: number): number {
  return tails[index]?.revision ?? 0;
}

/** @throws PayloadTooLargeError */
export function sendable(
  { api, layout }: AppendContext,
  parts: readonly PreparedPart[],
  guards: readonly Tail[],
): readonly OutgoingMessage[] {
  const messages = outgoing(layout, parts, guards);
  checkSizes(messages, api.connection.info?.max_payload ?? Number.POSITIVE_INFINITY);
  return messages;
}
