import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';

/** The payloads of a subject by JetStream's batched direct get (ADR-31), by hand; no other header than the end's is read. */
export async function directBatch(
  connection: NatsConnection,
  stream: string,
  subject: string,
): Promise<unknown[]> {
  const payloads: unknown[] = [];
  let next: number | undefined = 1;
  while (next !== undefined) next = await requestBatch(connection, stream, subject, next, payloads);
  return payloads;
}

/** @returns the sequence to go on with, where there is more */
function requestBatch(
  connection: NatsConnection,
  stream: string,
  subject: string,
  seq: number,
  payloads: unknown[],
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const inbox = createInbox();
    const timer = setTimeout(() => reject(new Error('no answer')), 5_000);
    const subscription = connection.subscribe(inbox, {
      callback: (error, message: Msg) => {
        if (error !== null) reject(error);
        else if (message.data.length > 0) {
          payloads.push(message.json());
          return;
        } else if (message.headers?.code !== 204) reject(new Error(message.headers?.description));
        else {
          const pending = Number(message.headers.get('Nats-Num-Pending'));
          resolve(pending > 0 ? Number(message.headers.get('Nats-Last-Sequence')) + 1 : undefined);
        }
        clearTimeout(timer);
        subscription.unsubscribe();
      },
    });
    const request = JSON.stringify({ next_by_subj: subject, seq, batch: 1024 });
    connection.publish(`$JS.API.DIRECT.GET.${stream}`, request, { reply: inbox });
  });
}
