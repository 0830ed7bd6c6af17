import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, onTestFinished, test } from 'vitest';
import { becomesTrue, describeProcess, sendSignal } from './process-info.ts';
import { startNatsServer } from './start-nats-server.ts';

const execute = promisify(execFile);
const MESSAGES = 500;

test('a server ends with its starter, however that ends, and its temporary folder goes too', async () => {
  const { child, pid, storeDir } = await startInProcess({});
  child.kill('SIGKILL');
  expect(await becomesTrue(async () => !(await runs(pid)), 15_000)).toBe(true);
  expect(await becomesTrue(async () => !existsSync(storeDir), 15_000)).toBe(true);
});

test('a kept folder of a killed starter starts again at once, with all its messages', async () => {
  const folder = await keptFolder();
  const { child, port } = await startInProcess({ storeDir: folder });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expectMessages(folder, port);
});

test('the port of a killed starter is free for the next start, also with another folder', async () => {
  const { child, port } = await startInProcess({});
  child.kill('SIGKILL');
  const server = await startNatsServer({ port });
  await server.stop();
});

test('a server that outlived its starter and its watchdog is ended by the next start on its folder', async () => {
  const folder = await keptFolder();
  const { child, pid, port } = await startInProcess({ storeDir: folder });
  // The reading half first: once the waiting half is gone, Node closes the pipe and the other one ends the server.
  const watchdog = (await groupOf(pid)).filter((member) => member !== pid).toSorted((a, b) => b - a);
  for (const member of watchdog) sendSignal(member, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await runs(pid)).toBe(true);
  await expectMessages(folder, port);
  expect(await runs(pid)).toBe(false);
});

test('a server is ended when its starter goes, also when the waiting half of the watchdog was killed', async () => {
  const { child, pid, storeDir } = await startInProcess({});
  // Nobody is left to remove the folder then.
  onTestFinished(() => rm(storeDir, { recursive: true, force: true }));
  const [shell = 0] = (await groupOf(pid)).toSorted((a, b) => a - b);
  sendSignal(shell, 'SIGKILL');
  child.kill('SIGKILL');
  expect(await becomesTrue(async () => !(await runs(pid)), 15_000)).toBe(true);
});

test('the folder of a living starter is refused, and its server goes on', async () => {
  const folder = await keptFolder();
  const { child, pid } = await startInProcess({ storeDir: folder });
  await expect(startNatsServer({ storeDir: folder })).rejects.toMatchObject({
    code: 'STORE_IN_USE',
    starterPid: child.pid,
    serverPid: pid,
    message: expect.stringContaining(`process ${child.pid}`),
  });
  expect(await runs(pid)).toBe(true);
});

test('a starter with nothing left to do ends, and its server with it', async () => {
  const { child, pid } = await startInProcess({}, 'process.stdin.destroy()');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  expect(await becomesTrue(async () => !(await runs(pid)), 15_000)).toBe(true);
});

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly storeDir: string;
}

/** A process of its own that starts a server, stores messages, says so and then waits for nothing. */
async function startInProcess(options: object, last = 'process.stdin.resume()'): Promise<Started> {
  const script = `
    import { startNatsServer } from ${JSON.stringify(new URL('./start-nats-server.ts', import.meta.url).href)};
    import { connect } from ${JSON.stringify(import.meta.resolve('@nats-io/transport-node'))};
    import { jetstream, jetstreamManager } from ${JSON.stringify(import.meta.resolve('@nats-io/jetstream'))};
    const { url, pid, port, storeDir } = await startNatsServer(${JSON.stringify(options)});
    const connection = await connect({ servers: url });
    await (await jetstreamManager(connection)).streams.add({ name: 'facts', subjects: ['facts'] });
    const client = jetstream(connection);
    await Promise.all(Array.from({ length: ${MESSAGES} }, (_, n) => client.publish('facts', String(n))));
    await connection.close();
    console.log(JSON.stringify({ pid, port, storeDir }));
    ${last};
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const started = JSON.parse(line) as Omit<Started, 'child'>;
  onTestFinished(async () => {
    if (await runs(started.pid)) sendSignal(started.pid, 'SIGKILL');
  });
  return { child, ...started };
}

async function expectMessages(storeDir: string, port: number): Promise<void> {
  const begun = performance.now();
  const server = await startNatsServer({ storeDir, port });
  onTestFinished(() => server.stop());
  // Far from the seconds that waiting for locks or timeouts to pass would take.
  expect(performance.now() - begun).toBeLessThan(10_000);
  const connection = await connect({ servers: server.url });
  onTestFinished(() => connection.close());
  const stream = await (await jetstreamManager(connection)).streams.info('facts');
  expect(stream.state.messages).toBe(MESSAGES);
}

async function runs(pid: number): Promise<boolean> {
  return (await describeProcess(pid))?.command.includes('nats-server') ?? false;
}

async function keptFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pipit-kept-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Every process of the watchdog's group: the server, the shell that waits for it and the one that reads. */
async function groupOf(serverPid: number): Promise<number[]> {
  const all = process.platform === 'linux' ? await groupsByProc() : await groupsByPs();
  const group = all.find(([pid]) => pid === serverPid)?.[1];
  return all.flatMap(([pid, other]) => (other === group ? [pid] : []));
}

async function groupsByProc(): Promise<[pid: number, group: number][]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  return Promise.all(
    pids.map(async (pid): Promise<[number, number]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return [pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])];
    }),
  );
}

async function groupsByPs(): Promise<[pid: number, group: number][]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,pgid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line): [number, number] => {
      const [pid, group] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, group ?? 0];
    });
}
