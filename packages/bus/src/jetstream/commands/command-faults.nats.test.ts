import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { Find, Touch } from '../../testing/command-definitions.ts';
import { settled } from '../../testing/until.ts';
import { openInstances } from './commands.fixture.ts';

const notHandled = ['NO_HANDLER', 'NOT_HANDLED', 'CONNECTION'];

it('while servers are killed and connections cut, no command is handled twice, and what its sender is told is true', async () => {
  const server = await startNatsServer({ jetStream: false });
  const instances = openInstances(server);
  const handled = new Map<string, number>();
  for (let index = 0; index < 3; index += 1) {
    const instance = await instances.instance();
    await instance.handle(Touch, async ({ data }) => {
      handled.set(data.id, (handled.get(data.id) ?? 0) + 1);
      await new Promise(setImmediate);
    }).ready;
    await instance.handle(Find, ({ data }) => ({ title: data.id })).ready;
  }
  const connection = await instances.connected();
  const commands = await instances.instance({ connection });

  const outcomes = new Map<string, Promise<unknown>>();
  const queries: Promise<unknown>[] = [];
  let sending = true;
  const send = async () => {
    for (let index = 0; sending; index += 1) {
      const id = `p${index}`;
      outcomes.set(id, settled(commands.send(Touch, { id }, { timeout: 20_000 })));
      queries.push(commands.send(Find, { id }, { timeout: 20_000 }));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const sent = send();
  for (let round = 0; round < 3; round += 1) {
    await settled(commands.send(Touch, { id: `before ${round}` }));
    await server.kill();
    await server.restart();
    await settled(commands.send(Touch, { id: `between ${round}` }));
    await connection.reconnect();
  }
  sending = false;
  await sent;

  const codes = new Map<string, number>();
  for (const [id, outcome] of outcomes) {
    const error = (await outcome) as { readonly code: string } | undefined;
    const code = error?.code ?? 'answered';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const times = handled.get(id) ?? 0;
    if (code === 'answered') expect([id, times]).toEqual([id, 1]);
    else if (notHandled.includes(code)) expect([id, code, times]).toEqual([id, code, 0]);
    else expect([id, code, times <= 1]).toEqual([id, 'OUTCOME_UNKNOWN', true]);
  }
  expect(codes.get('answered')).toBeGreaterThan(20);
  await Promise.all(queries);
  await instances.close();
  await server.stop();
}, 90_000);
