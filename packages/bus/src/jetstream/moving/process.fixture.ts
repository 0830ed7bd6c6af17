/** A process of its own, a member of groups, which it leaves when its parent says so. */
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Subscription } from '../../bus.ts';
import { aggregates, type BlogEvent } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';
import { type ProcessOptions, slownessOf } from './processes.fixture.ts';

const [, , given = ''] = process.argv;
const { servers, store, name, groups, order, lease } = JSON.parse(given) as ProcessOptions;

process.on('disconnect', () => process.exit());
const connection = await connect({ servers, maxReconnectAttempts: -1 });
const js = jetstream(connection);
const bus = await openBus<BlogEvent>({ connection, store, aggregates }, lease);
const subscriptions = new Map<string, Subscription>();
for (const group of groups) {
  const subscription = bus.subscribe({
    group,
    order,
    concurrency: 8,
    on: {
      'post-published': async ({ aggregate, position, data }) => {
        const slowness = slownessOf(data.title, name);
        if (slowness > 0) connection.publish(`begun.${group}.${name}.${position}`);
        await delay(slowness || Math.random() * 5);
        await js.publish(`effects.${group}-${aggregate.id}.${position}`, name);
      },
    },
  });
  subscriptions.set(group, subscription);
}
await Promise.all([...subscriptions.values()].map(({ ready }) => ready));
process.on('message', async (group: string) => {
  await subscriptions.get(group)?.stop({ timeout: 60_000 });
  process.send?.('left');
});
process.send?.('ready');
