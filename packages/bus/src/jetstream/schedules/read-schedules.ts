import { createInbox, errors, type Msg } from '@nats-io/nats-core';
import { topicsStream } from '../../topic-event.ts';
import { timersSubject } from '../topics/ensure-topics-stream.ts';
import type { TopicApi } from '../topics/topic-api.ts';
import type { StoredSchedule } from './schedule-headers.ts';

/** Schedules asked for at a time, and milliseconds until an answer is given up. */
const batchSize = 1_000;
const patience = 2_500;

interface Batch {
  readonly schedules: readonly (StoredSchedule & { readonly sequence: number })[];
  /** How many there are behind these. */
  readonly pending: number;
}

/** All schedules by JetStream's batched direct get (ADR-31), from their own subjects, a batch at a time. */
export async function readSchedules(api: TopicApi, store: string): Promise<StoredSchedule[]> {
  const all: StoredSchedule[] = [];
  for (let sequence = 1; ; ) {
    const { schedules, pending } = await requestBatch(api, store, sequence);
    all.push(...schedules);
    if (pending === 0 || schedules.length === 0) return all;
    sequence = (schedules.at(-1)?.sequence ?? 0) + 1;
  }
}

/** The client's own keeps its subscription open for seconds after the last answer. */
function requestBatch(
  { connection, prefix, inboxPrefix }: TopicApi,
  store: string,
  seq: number,
): Promise<Batch> {
  const { promise, resolve, reject } = Promise.withResolvers<Batch>();
  const schedules: (StoredSchedule & { readonly sequence: number })[] = [];
  const inbox = createInbox(inboxPrefix);
  const silence = setTimeout(() => reject(new Error('there was no answer in time')), patience);
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) reject(error);
      else receive(message);
    },
  });

  function receive(message: Msg): void {
    silence.refresh();
    const sequence = message.headers?.get('Nats-Sequence') ?? '';
    if (sequence !== '') {
      schedules.push({ sequence: Number(sequence), ...toStored(message) });
      return;
    }
    const { code = 0, description = '' } = message.headers ?? {};
    if (code === 204) resolve({ schedules, pending: Number(message.headers?.get('Nats-Num-Pending') ?? 0) });
    else if (code === 404) resolve({ schedules, pending: 0 });
    else if (code === 503) reject(new errors.NoRespondersError(message.subject));
    else reject(new Error(`the server answered ${code} ${description}`));
  }

  const request = { next_by_subj: `${timersSubject(store)}.*`, seq, batch: batchSize };
  connection.publish(`${prefix}.DIRECT.GET.${topicsStream(store)}`, JSON.stringify(request), {
    reply: inbox,
  });
  return promise.finally(() => {
    clearTimeout(silence);
    subscription.unsubscribe();
  });
}

function toStored({ headers }: Msg): StoredSchedule {
  const header = (name: string) => (headers?.has(name) ? headers.get(name) : undefined);
  return {
    subject: header('Nats-Subject') ?? '',
    setAt: new Date(header('Nats-Time-Stamp') ?? ''),
    header,
  };
}
