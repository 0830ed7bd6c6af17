import { startNatsServer } from '@pipit/nats-server';
import { readmePrograms } from '@pipit/tooling/readme';
import { afterAll, describe } from 'vitest';

const server = await startNatsServer();
afterAll(() => server.stop());

describe.each(['modelling.md', 'operating.md', 'versions.md'])('%s', (readme) => {
  readmePrograms(import.meta.url, { readme, env: { NATS_URL: server.url } });
});
