/** A process of its own: joins the group `hanging`, says what it got, and never ends. */
import { connect } from '@nats-io/transport-node';
import { aggregates, type BlogEvent } from './blog.fixture.ts';
import { openBus } from './jetstream-bus.ts';

const [, , url = '', lease = ''] = process.argv;
const connection = await connect({ servers: url });
const bus = await openBus<BlogEvent>({ connection, store: 'blog', aggregates }, Number(lease));
bus.subscribe({
  group: 'hanging',
  on: {
    'post-published': ({ position }, { deliveryCount }) => {
      process.send?.({ position, deliveryCount });
      return new Promise(() => {});
    },
  },
});
