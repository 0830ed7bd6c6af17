import type { AggregateRef, StoredMessage } from '@pipit/types-registry';
import type { AggregateRange } from '../event-log.ts';
import type { AggregateReader } from './aggregate-reader.ts';
import { readSubject } from './direct-batch.ts';
import { readMerged } from './merged-subjects.ts';
import { envelopeOf } from './tail.ts';
import { toStoredMessage } from './to-stored-message.ts';
import { untilAnswered } from './until-answered.ts';

/**
 * An aggregate's events by direct gets, which any replica answers. What a replica lacks is asked of the leader: the end,
 * where this process itself has appended it or knows it to be there, and a hole between two events.
 */
export async function* readAggregate(
  reader: AggregateReader,
  aggregate: AggregateRef,
  { fromPosition = 1, signal }: AggregateRange = {},
): AsyncGenerator<readonly StoredMessage[]> {
  const { layout, stream, tails } = reader;
  const filter = layout.aggregateFilter(stream, aggregate);
  const known = Math.max(tails.get(filter)?.sequence ?? 0, fromPosition > 1 ? fromPosition : 0);
  const range = { fromSequence: fromPosition, ...(signal && { signal }) };
  let last = fromPosition - 1;
  let revision = fromPosition === 1 ? 0 : undefined;

  const batches =
    layout.name === 'aggregate' ? readSubject(reader, filter, range) : readMerged(reader, aggregate, range);
  for await (const raw of batches) {
    let messages: readonly StoredMessage[] = raw.map((message) =>
      toStoredMessage(stream, layout, message, aggregate),
    );
    if (layout.name === 'event') messages = await whole(messages);
    last = messages.at(-1)?.position ?? last;
    yield messages;
  }
  const rest = await missing(known + 1);
  if (rest.length > 0) yield rest;

  /** Fills what lies between the last event and a position, where the leader has something there. */
  async function missing(before: number): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    for (let at = last; at < before - 1; ) {
      const next = await firstAfter(at);
      if (next === undefined || next.position >= before) break;
      found.push(next);
      at = next.position;
    }
    return found;
  }

  function firstAfter(position: number): Promise<StoredMessage | undefined> {
    const { lookup, link } = reader;
    const ask = (timeout: number) =>
      link.whileUp(lookup.firstAfter(aggregate, position), Date.now() + timeout);
    return untilAnswered(reader, `read ${filter}`, ask, signal);
  }

  /** Several subjects may be answered by several replicas, of which one is behind. */
  async function whole(messages: readonly StoredMessage[]): Promise<readonly StoredMessage[]> {
    const result: StoredMessage[] = [];
    for (const message of messages) {
      const actual = envelopeOf(message).revision;
      if (revision !== undefined && actual !== revision + 1)
        result.push(...(await missing(message.position)));
      result.push(message);
      last = message.position;
      revision = actual;
    }
    return result;
  }
}
