/** A process of its own: answers `find`, and writes a file when the answer is out; says what `touch` it got, and never answers. */
import { writeFileSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';
import { Find, Touch } from '../../testing/command-definitions.ts';
import { jetStreamCommands } from './jetstream-commands.ts';

const [, , url = '', folder = ''] = process.argv;
const connection = await connect({ servers: url });
const commands = jetStreamCommands({ connection, store: 'blog' });
const touching = commands.handle(Touch, ({ data }) => {
  process.send?.(data.id);
  return new Promise(() => {});
});
const finding = commands.handle(Find, ({ data }) => {
  setImmediate(async () => {
    await connection.flush();
    writeFileSync(`${folder}/${data.id}`, '');
  });
  return { title: data.id };
});
await Promise.all([touching.ready, finding.ready]);
process.send?.('ready');
