/** A process of its own: answers `find`; handles `touch`, says so, and never answers. */
import { connect } from '@nats-io/transport-node';
import { Find, Touch } from '../../testing/command-definitions.ts';
import { jetStreamCommands } from './jetstream-commands.ts';

const [, , url = ''] = process.argv;
const commands = jetStreamCommands({ connection: await connect({ servers: url }), store: 'blog' });
const handling = commands.handle(Touch, ({ data }) => {
  process.send?.(data.id);
  return new Promise(() => {});
});
await handling.ready;
await commands.handle(Find, ({ data }) => ({ title: data.id })).ready;
process.send?.('ready');
