import { startNatsServer } from '@pipit/nats-server';
import { afterAll, describe, expect, it } from 'vitest';
import { InvalidCommandOptionError } from '../../command-errors.ts';
import { commandContract } from '../../testing/command-contract.ts';
import { openInstances } from './commands.fixture.ts';

const maxPayload = 100_000;
const server = await startNatsServer({ config: { max_payload: maxPayload } });
afterAll(() => server.stop());

let stores = 0;
commandContract('commands over NATS', async () => {
  stores += 1;
  return { ...openInstances(server, `blog-${stores}`), maxPayload };
});

describe('names of a service', () => {
  it.each([{ name: 'my blog' }, { version: '1.0' }, { name: '' }])('%o is refused', async (service) => {
    const instances = openInstances(server);
    await expect(instances.instance({ service })).rejects.toThrow(InvalidCommandOptionError);
    await expect(instances.instance({ store: 'a.b' })).rejects.toMatchObject({
      code: 'INVALID_SUBJECT_TOKEN',
    });
    await instances.close();
  });
});
