import { startNatsServer } from '@pipit/nats-server';
import { readmePrograms } from '@pipit/tooling/readme';
import { afterAll } from 'vitest';

const server = await startNatsServer();
afterAll(() => server.stop());

readmePrograms(import.meta.url, { env: { NATS_URL: server.url } });
