import type { NatsConnection } from '@nats-io/nats-core';
import { perSecond, type Row, type Scale } from '@pipit/tooling/bench';
import { defineQuery } from '@pipit/types-registry';
import { z } from 'zod';
import { jetStreamCommands } from '../jetstream/commands/jetstream-commands.ts';

/** One server, and for each side two connections with the same options: one asks, one answers. */
export interface CommandsSetting {
  readonly scale: Scale;
  readonly pipit: NatsConnection;
  readonly bare: NatsConnection;
  /** Another connection as those. */
  connect(): Promise<NatsConnection>;
}

const width = 64;
const Find = defineQuery(
  'find-post',
  z.object({ id: z.string(), lang: z.string() }),
  z.object({ title: z.string(), author: z.string(), revision: z.number() }),
);
const answer = (id: string) => ({ title: `Post ${id}`, author: 'ada', revision: 7 });

export const commands: Row<CommandsSetting> = {
  row: 'commands, 64 in flight',
  goal: 0.7,
  against: 'bare `nc.request`',
  times: 2,
  async measure({ scale, pipit, bare, connect }, rounds) {
    const [pipitHandler, bareHandler] = await Promise.all([connect(), connect()]);
    const handling = jetStreamCommands({ connection: pipitHandler, store: 'bench' });
    const sending = jetStreamCommands({ connection: pipit, store: 'bench' });
    await handling.handle(Find, ({ data }) => answer(data.id)).ready;
    bareHandler.subscribe('bench.query.find-post', {
      queue: 'q',
      callback(_, message) {
        const { id } = message.json<{ id: string; lang: string }>();
        message.respond(JSON.stringify(answer(id)));
      },
    });
    await bareHandler.flush();
    const count = scale.of(20_000);
    const times = await rounds.compare({
      pipit: () => inFlight(count, (index) => sending.send(Find, { id: `post-${index}`, lang: 'en' })),
      bare: () =>
        inFlight(count, async (index) => {
          const body = JSON.stringify({ id: `post-${index}`, lang: 'en' });
          const reply = await bare.request('bench.query.find-post', body, { timeout: 10_000 });
          return reply.json<ReturnType<typeof answer>>();
        }),
    });
    await Promise.all([handling.stop(), sending.stop()]);
    await Promise.all([pipitHandler.close(), bareHandler.close()]);
    return {
      ratio: times.bare / times.pipit,
      detail: `${perSecond(count, times.pipit)} against ${perSecond(count, times.bare)}, both parsed, one validated on both sides`,
    };
  },
};

async function inFlight(
  count: number,
  ask: (index: number) => Promise<{ readonly title: string }>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const { title } = await ask(index);
      if (title !== `Post post-${index}`) throw new Error(`not the answer to ${index}: ${title}`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}
