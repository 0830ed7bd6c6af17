import type { AggregateRef } from '@pipit/types-registry';
import type { AggregateReader } from './aggregate-reader.ts';
import { readSubject } from './direct-batch.ts';
import { subjectsOf } from './subject-index.ts';
import type { RawMessage } from './to-stored-message.ts';
import { untilAnswered } from './until-answered.ts';

/**
 * An aggregate whose events lie on several subjects, one for each type of event. Each is read by itself and the results
 * are merged: a read by wildcard makes the server look at everything between the aggregate's first and last event.
 */
export async function* readMerged(
  reader: AggregateReader,
  aggregate: AggregateRef,
  range: { readonly fromSequence: number; readonly signal?: AbortSignal },
): AsyncGenerator<readonly RawMessage[]> {
  const { layout, stream, lookup, link } = reader;
  const filter = layout.aggregateFilter(stream, aggregate);
  // Read before the subjects are listed, so that no subject is missing that has an event up to here.
  const askForLast = (timeout: number) => link.whileUp(lookup.lastOf([filter]), Date.now() + timeout);
  const last = await untilAnswered(reader, `find the end of ${filter}`, askForLast, range.signal);
  const end = last?.position ?? 0;
  if (end < range.fromSequence) return;
  const subjects: string[] = [];
  for await (const page of subjectsOf(reader, filter, range)) subjects.push(...page.keys());

  const sources = await Promise.all(
    subjects.map(async (subject) => {
      const batches = readSubject(reader, subject, range)[Symbol.asyncIterator]();
      return { batches, waiting: await nextBatch(batches) };
    }),
  );
  for (;;) {
    const open = sources.filter(({ waiting }) => waiting.length > 0);
    // Up to here every subject is known: what comes next on any of them lies behind.
    const safe = Math.min(...open.map(({ waiting }) => waiting.at(-1)?.sequence ?? 0), end);
    const ready = open.flatMap((source) => {
      const taken = source.waiting.filter(({ sequence }) => sequence <= safe);
      source.waiting = source.waiting.slice(taken.length);
      return taken;
    });
    if (ready.length > 0) yield ready.toSorted((a, b) => a.sequence - b.sequence);
    if (open.length === 0 || safe >= end) return;
    await Promise.all(
      open.map(async (source) => {
        if (source.waiting.length === 0) source.waiting = await nextBatch(source.batches);
      }),
    );
  }
}

async function nextBatch(batches: AsyncIterator<readonly RawMessage[]>): Promise<readonly RawMessage[]> {
  const { value, done } = await batches.next();
  return done === true ? [] : (value ?? []);
}
