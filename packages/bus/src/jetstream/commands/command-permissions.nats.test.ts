import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { ConnectionError } from '@pipit/types-registry';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { HandleFailedError } from '../../command-errors.ts';
import { Find, Touch } from '../../testing/command-definitions.ts';
import { until } from '../../testing/until.ts';
import { openInstances } from './commands.fixture.ts';

const allowed = {
  publish: { deny: ['pipit.blog.command.touch'] },
  subscribe: { deny: ['pipit.blog.query.>', '$SRV.>'] },
};
const server = await startNatsServer({
  config: {
    authorization: {
      users: [
        { user: 'all', password: 'all' },
        { user: 'some', password: 'some', permissions: allowed },
        { user: 'inbox', password: 'inbox', permissions: { subscribe: ['_MINE.>'] } },
      ],
    },
    no_auth_user: 'all',
  },
});
const instances = openInstances(server);
afterAll(async () => {
  await instances.close();
  await server.stop();
});

async function as(user: string, inboxPrefix = '_INBOX') {
  const connection = await connect({ servers: server.url, user, pass: user, inboxPrefix });
  afterEach(() => connection.close());
  return instances.instance({ connection });
}

describe('an account', () => {
  it('that may not send a command is told at once', async () => {
    const commands = await as('some');
    const sent = commands.send(Touch, { id: 'p1' }, { timeout: 60_000 });
    await expect(sent).rejects.toThrow(ConnectionError);
    await expect(sent).rejects.toMatchObject({ reason: 'unauthorized' });
  });

  it('that may not handle a query is told by ready, and in the log', async () => {
    const commands = await as('some');
    const handling = commands.handle(Find, () => undefined);
    await expect(handling.ready).rejects.toThrow(HandleFailedError);
    expect(
      instances.log.filter((line) => line.startsWith('error Query find cannot be handled here')),
    ).toHaveLength(1);
  });

  it('that may not be shown by discovery handles all the same, with a warning', async () => {
    const commands = await as('some');
    await commands.handle(Touch, () => {}).ready;
    const all = await instances.instance();
    expect(await all.send(Touch, { id: 'p1' })).toBeUndefined();
    await until(() => instances.log.some((line) => line.startsWith('warn Service blog is not shown')));
  });

  it('that has an inbox of its own gets its answers there', async () => {
    const all = await instances.instance();
    await all.handle(Find, ({ data }) => ({ title: data.id })).ready;
    const commands = await as('inbox', '_MINE');
    expect(await commands.send(Find, { id: 'p1' })).toEqual({ title: 'p1' });
  });
});
