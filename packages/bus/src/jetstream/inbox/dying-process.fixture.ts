/** A process of its own: begins an effect, says so, and never ends it. */
import { connect } from '@nats-io/transport-node';
import { kvInbox } from './kv-inbox.ts';

const [, , url = '', store = ''] = process.argv;
const connection = await connect({ servers: url });
const inbox = await kvInbox({ connection, store, lease: 1_000 });
await inbox.once(
  { group: 'mail', eventId: 'e1' },
  () => {
    process.send?.('begun');
    return new Promise(() => {});
  },
  { onDoubt: 'fail' },
);
