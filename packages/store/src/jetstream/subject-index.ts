import { type ApiError, JetStreamApiError } from '@nats-io/jetstream';
import type { DirectReader } from './direct-batch.ts';
import { type Pace, untilAnswered } from './until-answered.ts';

/** What the server answers of the subjects of a stream (ADR-2, STREAM.INFO with `subjects_filter`). */
interface SubjectPage {
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  /** How many match, on whatever page. */
  readonly total?: number;
  readonly limit?: number;
  readonly error?: ApiError;
}

/**
 * For each page the server looks at all subjects that match: of 10⁶ that takes a second, and many on a busy machine. A
 * question that is asked again too early only adds to that.
 *
 * @param subjects how many there are at most
 */
export function paceOf(subjects: number): Pace {
  const firstSilence = 1_000 + 0.03 * subjects;
  return { firstSilence, patience: 10_000 + 3 * firstSilence };
}

/**
 * The subjects of a stream that match a filter, in the order of their bytes, with the number of messages on each: from
 * the server's index, a page (100,000) at a time. The messages themselves are not read.
 *
 * @throws ReadFailedError; the signal's reason once it aborts
 */
export async function* subjectsOf(
  reader: DirectReader,
  filter: string,
  signal?: AbortSignal,
  pace?: Pace,
): AsyncGenerator<ReadonlyMap<string, number>> {
  for (let offset = 0; ; ) {
    const from = offset;
    const request = (timeout: number) => requestPage(reader, filter, from, timeout);
    const page = await untilAnswered(reader, `list the subjects of ${filter}`, request, signal, pace);
    const subjects = new Map(Object.entries(page.state?.subjects ?? {}));
    if (subjects.size > 0) yield subjects;
    offset += subjects.size;
    if (subjects.size === 0 || offset >= (page.total ?? 0)) return;
  }
}

/**
 * How many subjects of a stream match a filter, by one question.
 *
 * @param subjects how many there are at most: what lies behind them is asked for, so that none is sent
 * @throws ReadFailedError
 */
export async function countSubjects(reader: DirectReader, filter: string, subjects: number): Promise<number> {
  const request = (timeout: number) => requestPage(reader, filter, subjects, timeout);
  const doing = `count the subjects of ${filter}`;
  const { total = 0 } = await untilAnswered(reader, doing, request, undefined, paceOf(subjects));
  return total;
}

async function requestPage(
  { api, requests, stream }: DirectReader,
  filter: string,
  offset: number,
  timeout: number,
): Promise<SubjectPage> {
  const request = JSON.stringify({ subjects_filter: filter, offset });
  const answer = await requests.ask(`${api.prefix}.STREAM.INFO.${stream}`, request, timeout);
  const page = answer.json<SubjectPage>();
  if (page.error !== undefined) throw new JetStreamApiError(page.error);
  return page;
}
