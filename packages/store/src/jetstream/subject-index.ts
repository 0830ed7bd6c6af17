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

/** Subjects that the server tells at once (JSMaxSubjectDetails). */
const serverPage = 100_000;

/**
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

export interface Paging {
  readonly signal?: AbortSignal;
  readonly pace?: Pace;
  /** How many subjects of a page to take. Default: all. */
  readonly pageSize?: number;
}

/**
 * The subjects of a stream that match a filter, each once, in the order of their bytes, with the number of messages on
 * each: from the server's index, a page at a time. The messages themselves are not read. A subject that is there all the
 * while is told, whatever appears and vanishes beside it.
 *
 * @throws ReadFailedError; the signal's reason once it aborts
 */
export async function* subjectsOf(
  reader: DirectReader,
  filter: string,
  { signal, pace, pageSize = serverPage }: Paging = {},
): AsyncGenerator<ReadonlyMap<string, number>> {
  // The server counts from the beginning, and the beginning changes: a page begins with what the last one ended with.
  const overlap = Math.ceil(pageSize / 100);
  let last: string | undefined;
  for (let offset = 0, back = overlap; ; ) {
    const from = offset;
    const request = (timeout: number) => requestPage(reader, filter, from, timeout);
    const page = await untilAnswered(reader, `list the subjects of ${filter}`, request, signal, pace);
    const all = Object.entries(page.state?.subjects ?? {});
    const subjects = all.slice(0, pageSize);
    const isEnd = subjects.length === all.length && from + subjects.length >= (page.total ?? 0);
    if (from > 0 && (subjects.length === 0 || isBehind(subjects[0]?.[0] ?? '', last))) {
      // So much has vanished before it that what stands between the pages may have moved out of sight.
      offset = Math.max(0, from - back);
      back *= 2;
      continue;
    }
    const firstNew = subjects.findIndex(([subject]) => isBehind(subject, last));
    if (firstNew >= 0) {
      yield new Map(subjects.slice(firstNew));
      last = subjects.at(-1)?.[0];
    }
    if (isEnd) return;
    offset = from + subjects.length - overlap;
    back = overlap;
  }
}

/** As the server sorts them. */
function isBehind(subject: string, last: string | undefined): boolean {
  return last === undefined || Buffer.compare(Buffer.from(subject), Buffer.from(last)) > 0;
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
