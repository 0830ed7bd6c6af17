import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from './pack.ts';

const page = join(import.meta.dirname, '../docs/first-service.md');

/**
 * Follows the page "first service" in an empty folder, with packed packages in place of published ones: its commands, its
 * files, and its requests.
 *
 * @param tarballOf where a package was packed to, `undefined` for those of others
 */
export async function followFirstService(
  folder: string,
  tarballOf: (name: string) => string | undefined,
): Promise<void> {
  const text = readFileSync(page, 'utf8');
  mkdirSync(folder, { recursive: true });
  for (const [, file = '', content = ''] of text.matchAll(/^`([\w./-]+)`\n\n```\w+\n(.*?)^```$/gms)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  for (const command of commandsIn(text)) {
    if (command === 'node src/main.ts') await callService(folder);
    else if (!command.startsWith('curl')) runCommand(command, folder, tarballOf);
  }
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
}

function runCommand(command: string, folder: string, tarballOf: (name: string) => string | undefined): void {
  const [program = '', ...args] = command.split(' ');
  const isInstall = program === 'npm' && args[0] === 'install';
  // What these packages need of each other is not published yet either.
  const named = isInstall ? [...args, ...neededBy(args, tarballOf)] : args;
  const extra = isInstall ? ['--no-audit', '--no-fund', '--prefer-offline'] : [];
  run(program, [...named.map((name) => tarballOf(name) ?? name), ...extra], folder);
}

function neededBy(args: readonly string[], tarballOf: (name: string) => string | undefined): string[] {
  return args.includes('@pipit/bootstrap')
    ? ['@pipit/bus', '@pipit/saga', '@pipit/nats-server'].filter((name) => tarballOf(name) !== undefined)
    : [];
}

/** Starts it, sends the requests of the page, and stops it; then once more, to see that everything is still there. */
async function callService(folder: string): Promise<void> {
  const first = await startService(folder);
  const { call } = first;
  const created = await call('POST', '/posts', { title: 'Hello', author: 'ada' });
  assert.deepEqual([created.status, created.headers.get('etag')], [201, '"1"']);
  const { id } = created.body as { id: string };
  assert.equal(created.headers.get('location'), `/posts/${id}`);
  await first.said(`announced Hello by ada, ${id}`);

  const post = { id, title: 'Hello', author: 'ada', revision: 1 };
  assert.deepEqual((await call('GET', `/posts/${id}`)).body, post);
  const guard = { 'if-match': '"1"' };
  assert.equal((await call('PUT', `/posts/${id}/title`, { title: 'Bye' }, guard)).status, 200);
  assert.equal((await call('PUT', `/posts/${id}/title`, { title: 'Bye' }, guard)).status, 412);
  assert.equal((await call('POST', `/posts/${id}/lock`)).status, 200);
  const late = await call('PUT', `/posts/${id}/title`, { title: 'Late' });
  assert.deepEqual([late.status, (late.body as { code: string }).code], [409, 'POST_LOCKED']);
  assert.deepEqual((await call('GET', '/posts')).body, [{ ...post, title: 'Bye', revision: 3 }]);
  assert.equal((await call('GET', '/readyz')).status, 200);
  await first.stop();

  const second = await startService(folder);
  assert.deepEqual((await second.call('GET', `/posts/${id}`)).body, { ...post, title: 'Bye', revision: 3 });
  await second.stop();
  assert.deepEqual(
    second.lines.filter((line) => line.startsWith('announced')),
    [],
  );
}

async function startService(folder: string) {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: folder,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  let heard = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    heard.resolve();
    heard = Promise.withResolvers();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 60_000);

  async function said(part: string): Promise<string> {
    for (;;) {
      const line = lines.find((one) => one.includes(part));
      if (line !== undefined) return line;
      const exit = ended.then(([code]) => Promise.reject(new Error(`the service ended with ${code}`)));
      await Promise.race([heard.promise, exit]);
    }
  }

  const url = (await said('listening on ')).slice('listening on '.length);
  return {
    lines,
    said,
    async call(method: string, path: string, json?: object, headers: Record<string, string> = {}) {
      const body = json && JSON.stringify(json);
      const type = json && { 'content-type': 'application/json' };
      const response = await fetch(url + path, {
        method,
        headers: { ...type, ...headers },
        ...(body && { body }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
    },
    /** As Ctrl+C does, and it has to end in good order. */
    async stop() {
      child.kill('SIGINT');
      const [code, signal] = await ended;
      clearTimeout(deadline);
      assert.deepEqual([code, signal], [0, null]);
    },
  };
}
