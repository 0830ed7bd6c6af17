import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { perSecond, type Row, type Scale } from '@pipit/tooling/bench';
import { defineEvent, eventHeaders } from '@pipit/types-registry';
import { v7 } from 'uuid';
import { z } from 'zod';
import { jetStreamTopics } from '../jetstream/topics/jetstream-topics.ts';
import { defineTopic } from '../topics.ts';

/** What the row needs of a benchmark's setting: for each side a connection of its own to one server. */
export interface PublishSetting {
  readonly scale: Scale;
  readonly pipit: NatsConnection;
  readonly bare: NatsConnection;
}

const type = 'mail-requested';
const Requested = defineEvent(type, z.object({ to: z.string(), subject: z.string(), text: z.string() }));
const Mail = defineTopic('mail', { events: [Requested] });
const payload = { to: 'ada@example.org', subject: 'Welcome', text: 'x'.repeat(186) };
const width = 256;
const names = { pipit: 'pipit-publish', bare: 'plain-publish' };

/** Both sides write the same headers, ids included, and the same 256 bytes; Pipit validates them as well. */
export const publish: Row<PublishSetting> = {
  row: 'publish, 256 in flight',
  goal: 2,
  against: 'bare `js.publish`',
  times: 2,
  async measure({ scale, pipit, bare }, rounds) {
    const topics = await jetStreamTopics({ connection: pipit, store: names.pipit });
    const manager = await jetstreamManager(bare);
    const { config } = await manager.streams.info(`${names.pipit}_topics`);
    const stream = `${names.bare}_topics`;
    await manager.streams.add({ ...config, name: stream, subjects: [`${stream}.*.*`] });
    const js = jetstream(bare);
    const count = scale.of(20_000);
    const took = await rounds.compare({
      pipit: () =>
        inFlight(count, (index) => topics.publish(Mail, `key-${index}`, Requested.create(payload))),
      bare: () =>
        inFlight(count, (index) => {
          const { id, headers: lines, body } = bareEvent();
          return js.publish(`${stream}.mail.key-${index}`, body, { msgID: id, headers: lines });
        }),
    });
    const [ours, theirs] = await Promise.all([`${names.pipit}_topics`, stream].map(sizeOf));
    if (ours !== theirs) throw new Error(`the sides differ: ${ours} and ${theirs} bytes a message`);
    topics.close();
    await Promise.all([`${names.pipit}_topics`, stream].map((name) => manager.streams.delete(name)));
    return {
      ratio: took.bare / took.pipit,
      detail: `${perSecond(count, took.pipit)} against ${perSecond(count, took.bare)}, both with ids checked`,
    };

    async function sizeOf(name: string): Promise<number> {
      const { state } = await manager.streams.info(name);
      return Math.round(state.bytes / state.messages);
    }
  },
};

function bareEvent() {
  const id = v7();
  const lines = headers();
  const body = JSON.stringify(payload);
  const draft = {
    id,
    type,
    time: new Date(),
    metadata: {},
    payload: { contentType: 'application/json', schemaVersion: 1, bytes: new Uint8Array() },
  };
  for (const [name, value] of eventHeaders(names.bare, draft))
    if (name !== 'Nats-Msg-Id') lines.set(name, value);
  return { id, headers: lines, body };
}

/** Does `count` tasks, 256 at a time; tasks begin in their order. */
async function inFlight(count: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await task(index);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}
