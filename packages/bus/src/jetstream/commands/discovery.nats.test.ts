import { headers as createHeaders, errors, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Find, Oddly, Rename } from '../../testing/command-definitions.ts';
import { settled } from '../../testing/until.ts';
import { type Instances, openInstances } from './commands.fixture.ts';

const server = await startNatsServer();
afterAll(() => server.stop());

let instances: Instances;
let tool: NatsConnection;
beforeEach(async () => {
  instances = openInstances(server);
  tool = await instances.connected();
});
afterEach(() => instances.close());

/** What tools such as `nats micro` ask. */
async function ask(subject: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  try {
    const answers = await tool.requestMany(subject, '', { strategy: 'stall', maxWait: 5_000, stall: 200 });
    for await (const answer of answers) found.push(answer.json());
  } catch (error) {
    if (!(error instanceof errors.NoRespondersError)) throw error;
  }
  return found;
}

const service = { name: 'blog-writer', version: '1.4.0', description: 'Renames posts' };

describe("the server's discovery", () => {
  it('shows an instance with its name, its version and an endpoint for each handler', async () => {
    const commands = await instances.instance({ service });
    await commands.handle(Rename, () => ({ revision: 1 })).ready;
    await commands.handle(Oddly, ({ data }) => data).ready;
    const [ping, ...others] = await ask('$SRV.PING');
    expect(others).toEqual([]);
    expect(ping).toEqual({
      type: 'io.nats.micro.v1.ping_response',
      id: expect.stringMatching(/^[A-Za-z0-9]+$/),
      name: 'blog-writer',
      version: '1.4.0',
      metadata: {},
    });
    const [info] = await ask('$SRV.INFO.blog-writer');
    expect(info).toEqual({
      ...ping,
      type: 'io.nats.micro.v1.info_response',
      description: 'Renames posts',
      endpoints: [
        {
          name: 'command_rename',
          subject: 'pipit.blog.command.rename',
          queue_group: 'q',
          metadata: { kind: 'command', type: 'rename' },
        },
        {
          name: expect.stringMatching(/^command_odd_2E_20name[A-Za-z0-9_-]*$/),
          subject: expect.stringMatching(/^pipit\.blog\.command\.odd=2E=20name/),
          queue_group: 'q',
          metadata: { kind: 'command', type: Oddly.type },
        },
      ],
    });
  });

  it('counts requests, failures and the time they take, of each instance', async () => {
    const commands = await instances.instance();
    await commands.handle(Find, async ({ data }) => {
      if (data.id === 'bad') throw new Error('bad id');
      return undefined;
    }).ready;
    for (const id of ['p1', 'bad', 'p2']) await settled(commands.send(Find, { id }));
    const [ping] = await ask('$SRV.PING.blog');
    const [stats] = await ask(`$SRV.STATS.blog.${ping?.['id']}`);
    expect(stats).toMatchObject({
      type: 'io.nats.micro.v1.stats_response',
      id: ping?.['id'],
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      endpoints: [{ name: 'query_find', num_requests: 3, num_errors: 1, last_error: 'bad id' }],
    });
    const [endpoint] = (stats?.['endpoints'] ?? []) as Record<
      'processing_time' | 'average_processing_time',
      number
    >[];
    expect(endpoint?.processing_time).toBeGreaterThan(0);
    expect(endpoint?.average_processing_time).toBe(Math.round((endpoint?.processing_time ?? 0) / 3));
  });

  it('shows every instance, and none that handles nothing or has stopped', async () => {
    const [first, second] = [await instances.instance(), await instances.instance()];
    expect(await ask('$SRV.PING')).toEqual([]);
    const handlings = [first, second].map((commands) => commands.handle(Find, () => undefined));
    await Promise.all(handlings.map(({ ready }) => ready));
    expect(await ask('$SRV.PING')).toHaveLength(2);
    await handlings[0]?.stop();
    expect(await ask('$SRV.PING')).toHaveLength(1);
    await second.stop();
    expect(await ask('$SRV.PING')).toEqual([]);
  });

  it('has numbers for other software that asks and is refused', async () => {
    const commands = await instances.instance();
    await commands.handle(Rename, () => ({ revision: 1 })).ready;
    const refused = await tool.request('pipit.blog.command.rename', '{"id":1}');
    expect(refused.headers?.get('Nats-Service-Error-Code')).toBe('400');
    expect(refused.headers?.get('Nats-Service-Error')).toBe('refused: INVALID_PAYLOAD');
    const broken = await tool.request('pipit.blog.command.rename', 'no JSON');
    expect(broken.headers?.get('Nats-Service-Error-Code')).toBe('400');
    const answered = await tool.request('pipit.blog.command.rename', '{"id":"p1","title":"Hello"}');
    expect(answered.json()).toEqual({ revision: 1 });
    expect(answered.headers).toBeUndefined();
  });

  it.each([
    'NATS/1.0\r\nno good: 1\r\n\r\n',
    'NATS/1.0\r\nbroken\r\n\r\n',
    'nonsense',
    'NATS/1.0\r\nPipit-Timeout: -1\r\nce-correlationid: %\r\ntraceparent: x\r\n\r\n',
  ])('harms nobody with headers that break the rules: %j', async (block) => {
    const commands = await instances.instance();
    await commands.handle(Rename, () => ({ revision: 1 })).ready;
    const headers = { encode: () => Buffer.from(block) } as unknown as MsgHdrs;
    const answer = await tool.request('pipit.blog.command.rename', '{"id":"p1","title":"Hello"}', {
      headers,
      timeout: 5_000,
    });
    expect(['1', undefined]).toContain(answer.headers?.get('Nats-Service-Error-Code')?.replace('400', '1'));
    tool.subscribe('pipit.blog.query.find', {
      callback: (_, message) => void message.respond('{"title":"Hello"}', { headers }),
    });
    await tool.flush();
    await settled(commands.send(Find, { id: 'p1' }));
    expect(await commands.send(Rename, { id: 'p1', title: 'Hello' })).toEqual({ revision: 1 });
  });

  it('takes answers of a service that is not of Pipit', async () => {
    const commands = await instances.instance();
    tool.subscribe('pipit.blog.query.find', {
      callback(_, message) {
        const { headers } = message;
        expect(headers).toBeUndefined();
        if (message.json<{ id: string }>().id === 'p1') message.respond('{"title":"Hello"}');
        else message.respond('', { headers: serviceError('404', 'no such post') });
      },
    });
    await tool.flush();
    expect(await commands.send(Find, { id: 'p1' })).toEqual({ title: 'Hello' });
    await expect(commands.send(Find, { id: 'p2' })).rejects.toMatchObject({
      code: '404',
      remoteMessage: 'no such post',
    });
  });
});

function serviceError(code: string, text: string) {
  const headers = createHeaders();
  headers.set('Nats-Service-Error', text);
  headers.set('Nats-Service-Error-Code', code);
  return headers;
}
