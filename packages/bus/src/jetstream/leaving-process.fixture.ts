/** A process of its own: joins a group of each order, and stops when it is told to. */
import { once } from 'node:events';
import { connect } from '@nats-io/transport-node';
import { aggregates, type BlogEvent } from './blog.fixture.ts';
import { openBus } from './jetstream-bus.ts';

const [, , url = ''] = process.argv;
const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
const silent = () => {};
const logger = { info: silent, warn: silent, error: silent };
const bus = await openBus<BlogEvent>({ connection, store: 'blog', aggregates, logger });
for (const order of ['key', 'none'] as const)
  await bus.subscribe({ group: order, order, on: { 'post-published': () => {} } }).ready;
process.send?.('ready');
await once(process, 'message');
await bus.stop();
await connection.close();
process.disconnect();
