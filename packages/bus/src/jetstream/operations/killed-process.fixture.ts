import { connect } from '@nats-io/transport-node';
import { jetStreamOperations } from './jetstream-operations.ts';

// Runs an operation that does not end, so that the process can be killed in it.
const [, , servers = ''] = process.argv;
const connection = await connect({ servers });
const operations = await jetStreamOperations({ connection, store: 'blog', instance: 'the one that dies' });
await operations.operation({ kind: 'schedule', name: 'nightly' }, ({ id }) => {
  process.send?.(id);
  return new Promise(() => setInterval(() => {}, 1_000));
});
