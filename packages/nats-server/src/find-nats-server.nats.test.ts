import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FoundNatsServer, findNatsServer } from './find-nats-server.ts';
import { requirePlatform } from './platform.ts';

const execute = promisify(execFile);
const { os, arch } = requirePlatform();

/** An environment in which neither a server nor apt is found. */
const NOTHING = { PATH: '/nowhere' };

let real: FoundNatsServer;
beforeAll(async () => {
  real = await findNatsServer();
});

test('the binary that NATS_SERVER_BIN names is used before any other', async () => {
  const env = { NATS_SERVER_BIN: real.path, PATH: join(real.path, '..') };
  expect(await findNatsServer({ env })).toEqual({ path: real.path, version: real.version, source: 'given' });
});

test('a too old binary that NATS_SERVER_BIN names is refused, not replaced', async () => {
  const old = await binaryOfVersion('2.10.27');
  await expect(findNatsServer({ env: { NATS_SERVER_BIN: old } })).rejects.toMatchObject({
    code: 'NATS_SERVER_VERSION',
    path: old,
    version: '2.10.27',
    required: '>=2.12.0',
  });
});

test('a NATS_SERVER_BIN that cannot be run is an error, not a reason to look elsewhere', async () => {
  const env = { NATS_SERVER_BIN: join(await folder(), 'missing') };
  await expect(findNatsServer({ env })).rejects.toMatchObject({
    code: 'NATS_SERVER_NOT_FOUND',
    attempts: [{ way: 'NATS_SERVER_BIN', reason: expect.stringContaining('ENOENT') }],
  });
});

test('a server on the PATH is used when it is new enough', async () => {
  const bin = await folder();
  await copyFile(real.path, join(bin, 'nats-server'));
  const env = { PATH: `/nowhere:${bin}` };
  expect(await findNatsServer({ env })).toMatchObject({ path: join(bin, 'nats-server'), source: 'path' });
});

test('a too old server on the PATH is passed over for the newest of the cache', async () => {
  const cacheDir = await folder();
  const cached = join(cacheDir, `${real.version}-${os}-${arch}`);
  await mkdir(cached);
  await copyFile(real.path, join(cached, 'nats-server'));
  await mkdir(join(cacheDir, `2.11.9-${os}-${arch}`));
  const old = join(await binaryOfVersion('2.9.10'), '..');
  expect(await findNatsServer({ cacheDir, env: { PATH: old } })).toEqual({
    path: join(cached, 'nats-server'),
    version: real.version,
    source: 'cache',
  });
});

test('a release is fetched from the mirror, checked, and found in the cache from then on', async () => {
  const cacheDir = await folder();
  const mirror = await serve(await releaseFiles());
  const options = { cacheDir, version: real.version, env: { ...NOTHING, NATS_SERVER_MIRROR: mirror } };
  const path = join(cacheDir, `${real.version}-${os}-${arch}`, 'nats-server');
  expect(await findNatsServer(options)).toEqual({ path, version: real.version, source: 'release' });
  expect(await findNatsServer(options)).toEqual({ path, version: real.version, source: 'cache' });
  expect(await readdir(cacheDir)).toHaveLength(1);
});

test('a release with another checksum is refused and nothing of it is kept', async () => {
  const cacheDir = await folder();
  const files = await releaseFiles();
  const sums = (files.get('SHA256SUMS') ?? Buffer.alloc(0))
    .toString()
    .replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const mirror = await serve(files.set('SHA256SUMS', Buffer.from(sums)));
  await expect(
    findNatsServer({ cacheDir, mirror, version: real.version, env: NOTHING }),
  ).rejects.toMatchObject({
    attempts: expect.arrayContaining([{ way: 'release', reason: expect.stringContaining('SHA-256') }]),
  });
  expect(await readdir(cacheDir)).toEqual([]);
});

test('a mirror that accepts and then says nothing is given up after the timeout', async () => {
  const mirror = await listen(() => undefined);
  const search = findNatsServer({ cacheDir: await folder(), mirror, fetchTimeout: 200, env: NOTHING });
  await expect(search).rejects.toMatchObject({
    attempts: expect.arrayContaining([{ way: 'release', reason: expect.stringContaining('200 ms') }]),
  });
});

test('when no way leads to a server the error names every way and how to provide one by hand', async () => {
  const cacheDir = await folder();
  const mirror = await serve(new Map());
  const search = findNatsServer({ cacheDir, mirror, env: NOTHING });
  await expect(search).rejects.toMatchObject({
    code: 'NATS_SERVER_NOT_FOUND',
    attempts: [
      { way: 'NATS_SERVER_BIN', reason: 'not set' },
      { way: 'PATH', reason: expect.any(String) },
      { way: 'cache', reason: expect.stringContaining(cacheDir) },
      { way: 'release', reason: expect.stringContaining('404') },
      { way: 'distribution package', reason: expect.any(String) },
    ],
    message: expect.stringMatching(/download a release .* NATS_SERVER_BIN/),
  });
});

test('several processes may fetch at the same time', async () => {
  const cacheDir = await folder();
  const mirror = await serve(await releaseFiles());
  const found = await Promise.all(
    [1, 2, 3, 4].map(() => findInProcess({ cacheDir, mirror, version: real.version, env: NOTHING })),
  );
  expect(found.map(({ version }) => version)).toEqual(Array(4).fill(real.version));
  expect(await readdir(cacheDir)).toHaveLength(1);
});

test('the distribution package is fetched without any rights, as well as with them', {
  timeout: 120_000,
}, async () => {
  const mirror = await serve(new Map());
  const PATH = await withoutServer('/usr/sbin:/usr/bin:/sbin:/bin');
  const search = async (user?: number) => {
    const home = await folder();
    if (user !== undefined) await chown(home, user, user);
    const found = await findInProcess({ mirror, env: { PATH, HOME: home, TMPDIR: tmpdir() } }, user);
    // Where apt has nothing, the reason has to be the same for both.
    return JSON.stringify(found)
      .replaceAll(home, '~')
      .replace(/\.fetching-\w+/g, '');
  };
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  expect(await search(nobody)).toEqual(await search());
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pipit-find-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function binaryOfVersion(version: string): Promise<string> {
  const path = join(await folder(), 'nats-server');
  await writeFile(path, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
  await chmod(path, 0o755);
  return path;
}

/** A release as nats-io publishes it, of the server that is here. */
async function releaseFiles(): Promise<Map<string, Buffer>> {
  const work = await folder();
  const name = `nats-server-v${real.version}-${os}-${arch}`;
  await mkdir(join(work, name));
  await copyFile(real.path, join(work, name, 'nats-server'));
  await writeFile(join(work, name, 'README.md'), 'NATS');
  const archive = `${name}.tar.gz`;
  await create({ gzip: { level: 1 }, cwd: work, file: join(work, archive) }, [name]);
  const content = await readFile(join(work, archive));
  const sum = createHash('sha256').update(content).digest('hex');
  return new Map([
    ['SHA256SUMS', Buffer.from(`${sum}  ${archive}\n${'0'.repeat(64)}  nats-server-v${real.version}.zip\n`)],
    [archive, content],
  ]);
}

async function serve(files: ReadonlyMap<string, Buffer>): Promise<string> {
  return listen((request, response) => {
    const content = files.get(request.url?.replace(`/v${real.version}/`, '') ?? '');
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs it in a process of its own; what it throws is its answer as well. */
async function findInProcess(options: object, user?: number): Promise<FoundNatsServer> {
  // The rights are given up after the modules are loaded, because the checkout may be closed to others.
  const script = `
    import { findNatsServer } from ${JSON.stringify(new URL('./find-nats-server.ts', import.meta.url).href)};
    const user = ${JSON.stringify(user)};
    if (user !== undefined) { process.setgroups([]); process.setgid(user); process.setuid(user); }
    const answer = await findNatsServer(${JSON.stringify(options)}).catch((error) => error);
    console.log(JSON.stringify(answer));
  `;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], {
    cwd: tmpdir(),
  });
  return JSON.parse(stdout);
}

/** The folders of a search path that hold no nats-server. */
async function withoutServer(searchPath: string): Promise<string> {
  const kept = await Promise.all(
    searchPath.split(':').map(async (entry) => {
      const names = await readdir(entry).catch((): string[] => []);
      return names.includes('nats-server') ? [] : [entry];
    }),
  );
  return kept.flat().join(':');
}
