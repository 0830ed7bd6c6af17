import { type DirectMessage, type DirectStream, directGet } from './direct-get.ts';

/** Messages yielded at a time, at most: what is held in memory. */
const most = 256;
const smallestWindow = most;

/**
 * The messages on subjects of a pattern, the newest first, though JetStream only reads forwards: in windows of
 * sequences, from the end to the beginning. A window that held few is followed by one twice as large, and one that
 * holds too many is cut, so that little is read in vain, and little held.
 *
 * @param last the sequence to begin with; `first` the one to end with
 */
export async function* newestFirst(
  stream: DirectStream,
  pattern: string,
  { first, last }: { readonly first: number; readonly last: number },
): AsyncGenerator<readonly DirectMessage[]> {
  let end = last;
  let size = smallestWindow;
  while (end >= first) {
    const begin = Math.max(first, end - size + 1);
    const request = { next_by_subj: pattern, seq: begin, batch: most + 1 };
    const found = await readTo(stream, request, end);
    if (found === undefined) return;
    if (found === 'too many') {
      size = Math.max(smallestWindow, Math.floor(size / 8));
      continue;
    }
    if (found.length > 0) yield found.toReversed();
    if (found.length < most / 2) size *= 2;
    end = begin - 1;
  }
}

interface ForwardRequest {
  readonly next_by_subj: string;
  readonly seq: number;
  readonly batch: number;
}

/** Goes on where the server ended a batch early, as it does where that would take too many bytes. */
async function readTo(
  stream: DirectStream,
  request: ForwardRequest,
  end: number,
): Promise<readonly DirectMessage[] | 'too many' | undefined> {
  const found: DirectMessage[] = [];
  for (let { seq } = request; ; ) {
    const page = await directGet(stream, { ...request, seq });
    if (page === undefined) return undefined;
    const within = page.messages.filter(({ sequence }) => sequence <= end);
    found.push(...within);
    if (found.length > most) return 'too many';
    if (page.pending === 0 || within.length < page.messages.length) return found;
    seq = (page.messages.at(-1)?.sequence ?? seq) + 1;
    if (seq > end) return found;
  }
}
