/**
 * A process of its own: a member of a group whose handler does what the title of the event says, and then has its
 * effect. What it logs goes to its parent.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import type { Logger } from '@pipit/types-registry';
import { inbox } from '../../middleware/inbox.ts';
import { aggregates, type BlogEvent } from '../blog.fixture.ts';
import { kvInbox } from '../inbox/kv-inbox.ts';
import { openBus } from '../jetstream-bus.ts';
import { openEffects } from './effects.fixture.ts';
import { deedOf, type MemberOptions, once } from './member-options.fixture.ts';

const [, , given = ''] = process.argv;
const {
  servers,
  store,
  group,
  order,
  lease,
  concurrency,
  slowness,
  attempts,
  inbox: inboxLease,
} = JSON.parse(given) as MemberOptions;

process.on('disconnect', () => process.exit());
const line =
  (level: keyof Logger): Logger[typeof level] =>
  (_, message) =>
    void process.send?.({ level, message });
const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };

const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
const effects = openEffects(connection);
const bus = await openBus<BlogEvent>({ connection, store, aggregates, logger }, lease);
const place = inboxLease && (await kvInbox({ connection, store, logger, lease: inboxLease }));
const happened = async ({ aggregate, position }: BlogEvent) =>
  (await effects.happened(aggregate.id, position)) ? 'skip' : 'repeat';
const subscription = bus.subscribe({
  group,
  ...(place && { use: [inbox(place, { onDoubt: (event) => happened(event as BlogEvent) })] }),
  order,
  concurrency,
  retry: { attempts, backoff: () => 100, jitter: 0 },
  on: {
    'post-published': async ({ aggregate, position, data }) => {
      connection.publish(`tried.${position}`);
      const deed = deedOf(data.title);
      if (deed !== undefined && (deed.always || (await effects.once(once, position)))) {
        await connection.flush();
        if (deed.does === 'exit') process.exit(1);
        if (deed.does === 'fail') throw new Error(`position ${position} fails`);
        block(deed.milliseconds);
      } else if (slowness > 0) await delay(Math.random() * slowness);
      if (place) await effects.again(aggregate.id, position);
      else await effects.once(aggregate.id, position);
    },
  },
});
await subscription.ready;
process.send?.('ready');

/** Eats the event loop. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
