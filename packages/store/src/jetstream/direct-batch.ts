import { rawHeaders } from './raw-headers.ts';
import type { Requests } from './requests.ts';
import type { RawMessage } from './to-stored-message.ts';
import { type Asking, untilAnswered } from './until-answered.ts';

/** Messages asked for at a time, and their bytes: what is held in memory while an aggregate is read. */
const batchSize = 1024;
const batchBytes = 4 * 1024 * 1024;

export interface DirectReader extends Asking {
  readonly requests: Requests;
}

interface Batch {
  readonly messages: readonly RawMessage[];
  /** Messages on the subject behind this batch, at the time it was answered. */
  readonly pending: number;
}

/**
 * The messages of a subject from a sequence on, up to the last at the moment of the call, by JetStream's batched direct
 * get (ADR-31). Any replica answers, so the newest may be missing. A batch whose answer got lost is asked for again.
 */
export async function* readSubject(
  reader: DirectReader,
  subject: string,
  { fromSequence = 1, signal }: { readonly fromSequence?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly RawMessage[]> {
  let next = fromSequence;
  let left: number | undefined;
  while (left === undefined || left > 0) {
    const from = next;
    const request = (silence: number) => requestBatch(reader, subject, from, silence, signal);
    const { messages, pending } = await untilAnswered(reader, `read ${subject}`, request, signal);
    left ??= messages.length + pending;
    if (messages.length === 0) return;
    yield messages.length > left ? messages.slice(0, left) : messages;
    left -= messages.length;
    next = (messages.at(-1)?.sequence ?? 0) + 1;
  }
}

/** @param silence milliseconds without an answer after which it fails */
function requestBatch(
  { api, requests, stream }: DirectReader,
  subject: string,
  seq: number,
  silence: number,
  signal: AbortSignal | undefined,
): Promise<Batch> {
  return new Promise((resolve, reject) => {
    const messages: RawMessage[] = [];
    const abort = () => finish(() => reject(signal?.reason));
    const finish = (settle: () => void) => {
      signal?.removeEventListener('abort', abort);
      end();
      settle();
    };
    const request = { next_by_subj: subject, seq, batch: batchSize, max_bytes: batchBytes };
    const end = requests.askForMany(`${api.prefix}.DIRECT.GET.${stream}`, JSON.stringify(request), {
      timeout: silence,
      fail: (error) => finish(() => reject(error)),
      next(message) {
        const headers = rawHeaders(message);
        const sequence = headers.ofServer('Nats-Sequence');
        if (sequence !== undefined) {
          messages.push({ subject, sequence: Number(sequence), headers, body: message.data });
          return;
        }
        const { code = 0, description = '' } = message.headers ?? {};
        if (code === 204) {
          const pending = Number(message.headers?.get('Nats-Num-Pending') ?? 0);
          finish(() => resolve({ messages, pending }));
        } else if (code === 404) finish(() => resolve({ messages, pending: 0 }));
        else finish(() => reject(new Error(`the server answered ${code} ${description}`)));
      },
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
