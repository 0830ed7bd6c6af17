import { ReadFailedError } from '../store-errors.ts';
import type { DirectReader } from './direct-batch.ts';

/** What the server answers of the subjects of a stream (ADR-2, STREAM.INFO with `subjects_filter`). */
interface SubjectPage {
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  /** Where there are more than one page holds. */
  readonly total?: number;
  readonly limit?: number;
  readonly error?: { readonly description: string };
}

const pageTimeout = 10_000;

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
): AsyncGenerator<ReadonlyMap<string, number>> {
  for (let offset = 0; ; ) {
    signal?.throwIfAborted();
    const page = await requestPage(reader, filter, offset);
    const subjects = new Map(Object.entries(page.state?.subjects ?? {}));
    if (subjects.size > 0) yield subjects;
    offset += subjects.size;
    if (subjects.size === 0 || offset >= (page.total ?? 0)) return;
  }
}

async function requestPage(
  { api, link, requests, stream }: DirectReader,
  filter: string,
  offset: number,
): Promise<SubjectPage> {
  const deadline = Date.now() + pageTimeout;
  const request = JSON.stringify({ subjects_filter: filter, offset });
  for (;;) {
    await link.restored(deadline);
    const lost = link.losses;
    try {
      const left = Math.max(1, deadline - Date.now());
      const answer = await requests.ask(`${api.prefix}.STREAM.INFO.${stream}`, request, left);
      const page = answer.json<SubjectPage>();
      if (page.error !== undefined) throw new Error(page.error.description);
      return page;
    } catch (cause) {
      const again = link.losses !== lost && !api.connection.isClosed() && Date.now() < deadline;
      if (!again) throw new ReadFailedError(stream, `list the subjects of ${filter}`, cause);
    }
  }
}
