import type { Appended, AppendedPart } from '../event-log.ts';
import { MissingRevisionError } from '../store-errors.ts';
import type { AppendContext } from './append-context.ts';
import type { PreparedPart } from './outgoing.ts';
import type { StreamIdentity } from './stream-identity.ts';
import { envelopeOf, type Tail } from './tail.ts';
import { untilAnswered } from './until-answered.ts';

/** What was known of the stream when an append was sent to it. */
export interface Sending {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly generation: number;
  readonly highest: number;
}

export function sending({ generation, highest }: StreamIdentity): Sending {
  return { at: Date.now(), generation, highest };
}

/** What the server's answer says of an append: where it stands, and with which revisions. */
export function landed(
  context: AppendContext,
  parts: readonly PreparedPart[],
  guards: readonly Tail[],
  firstSequence: number,
  sent: Sending,
): Appended | Promise<Appended> {
  const { tails, identity } = context;
  let sequence = firstSequence;
  const landedParts = parts.map(({ drafts }, index): AppendedPart => {
    const positions = drafts.map(() => sequence++);
    return { revision: (guards[index]?.revision ?? 0) + drafts.length, positions };
  });
  const appended = { parts: landedParts };
  // In one stream everything stands behind what was seen before it was sent. In another one its guard may have held by
  // accident.
  const isSame = identity.generation === sent.generation;
  if (!isSame || firstSequence <= sent.highest) {
    if (isSame) identity.replaced();
    return checkPredecessors(context, parts, guards).then(() => appended);
  }
  identity.saw(sequence - 1);
  for (const [index, { filter }] of parts.entries()) {
    const { revision, positions } = landedParts[index] as AppendedPart;
    tails.set(filter, { revision, sequence: positions.at(-1) as number });
  }
  return appended;
}

/** @throws MissingRevisionError where the event that a guard stood for is another one now */
async function checkPredecessors(
  { api, link, lookup, store }: AppendContext,
  parts: readonly PreparedPart[],
  guards: readonly Tail[],
): Promise<void> {
  for (const [index, { aggregate }] of parts.entries()) {
    const { sequence, revision } = guards[index] as Tail;
    if (sequence === 0) continue;
    const ask = (timeout: number) =>
      link.whileUp(lookup.firstAfter(aggregate, sequence - 1), Date.now() + timeout);
    const before = await untilAnswered({ api, link, stream: store }, 'read the event before the append', ask);
    if (before?.position !== sequence) continue;
    const actual = envelopeOf(before).revision;
    if (actual !== revision)
      throw new MissingRevisionError(store, aggregate, actual + 1, revision + 1, sequence + 1);
  }
}
