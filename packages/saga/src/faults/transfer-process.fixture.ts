import { openTransfers } from './open-sagas.fixture.ts';

/** A process that drives transfers until it is killed, and says what it tells the world. */
const [servers = ''] = process.argv.slice(2);
await openTransfers(servers, (key) => {
  process.stdout.write(`${key}\n`);
});
