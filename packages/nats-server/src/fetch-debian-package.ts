import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from './platform.ts';
import { isUsableVersion, readServerVersion } from './server-version.ts';

/** The suites to look in, the one that follows development and has a recent nats-server first, and their keyring. */
interface Archive {
  readonly origin: string;
  readonly suites: readonly string[];
  readonly component: string;
  readonly keyring: string;
}

const ARCHIVES: Readonly<Record<string, Archive>> = {
  debian: {
    origin: 'Debian',
    suites: ['sid', 'stable', 'oldstable'],
    component: 'main',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
  },
  ubuntu: {
    origin: 'Ubuntu',
    suites: ['devel'],
    component: 'universe',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
  },
};

const runForOutput = promisify(execFile);

/**
 * Downloads the distribution's own nats-server from the first suite whose version is in the range, through the mirror
 * the system is configured with, and unpacks it into `folder` without installing anything. apt verifies the signature
 * of the suite by the distribution's keyring and the package by the suite. Resolves to the binary's path.
 */
export async function fetchDebianPackage(
  platform: Platform,
  folder: string,
  env: NodeJS.ProcessEnv,
  range: string,
): Promise<string> {
  const archive = ARCHIVES[await distribution()];
  if (archive === undefined) throw new Error('this is neither Debian nor Ubuntu');
  const run = async (command: string, args: readonly string[], cwd: string = folder) => {
    const { stdout } = await runForOutput(command, args, {
      cwd,
      env: { ...env, LC_ALL: 'C' },
      timeout: 300_000,
    });
    return stdout;
  };

  const mirrors = mirrorsOf(
    await run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages']),
    archive.origin,
  );
  if (mirrors.length === 0) throw new Error('apt has no source of packages configured');

  const failures: unknown[] = [];
  const places = mirrors.flatMap((mirror) => archive.suites.map((suite) => ({ mirror, suite })));
  for (const [index, { mirror, suite }] of places.entries()) {
    const work = join(folder, `apt-${index}`);
    try {
      const configuration = await prepare(work, mirror, suite, archive, platform);
      await run('apt-get', ['-c', configuration, 'update'], work);
      await run('apt-get', ['-c', configuration, 'download', 'nats-server'], work);
      const [file] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
      if (file === undefined) throw new Error('apt-get download left no package');
      await run('dpkg-deb', ['-x', file, 'unpacked'], work);
      const binary = join(work, 'unpacked', 'usr', 'sbin', 'nats-server');
      const version = await readServerVersion(binary);
      if (!isUsableVersion(version, range))
        throw new Error(`suite ${suite} has ${version}, and ${range} is needed`);
      return binary;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new Error(failures.map(lastLineOf).join('; '), { cause: new AggregateError(failures) });
}

/** The archive's own mirrors first; apt knows the origin only of what it has fetched before. */
export function mirrorsOf(indexTargets: string, origin: string): string[] {
  const targets = indexTargets.split('\n').flatMap((line) => {
    const [, from, uri] = /^(.*?) ?(\S+)$/.exec(line.trim()) ?? [];
    return uri === undefined ? [] : [{ from, uri }];
  });
  const known = targets.filter(({ from }) => from === origin);
  const unknown = targets.filter(({ from }) => from === '' || from === '$(ORIGIN)');
  return [...new Set([...known, ...unknown].map(({ uri }) => uri))];
}

/** Writes an apt configuration under which apt touches nothing but `work`. */
async function prepare(
  work: string,
  mirror: string,
  suite: string,
  archive: Archive,
  platform: Platform,
): Promise<string> {
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
  const sources = join(work, 'pipit.sources');
  await writeFile(
    sources,
    [
      'Types: deb',
      `URIs: ${mirror}`,
      `Suites: ${suite}`,
      `Components: ${archive.component}`,
      `Architectures: ${platform.arch}`,
      'Targets: Packages',
      `Signed-By: ${archive.keyring}`,
      '',
    ].join('\n'),
  );
  const configuration = join(work, 'apt.conf');
  await writeFile(
    configuration,
    [
      // The system's hooks act on the system: they clean its package cache or tell a desktop to look again.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      `Dir::Etc::SourceList "${sources}";`,
      'Dir::Etc::SourceParts "/dev/null";',
      'Dir::Etc::Preferences "/dev/null";',
      'Dir::Etc::PreferencesParts "/dev/null";',
      `Dir::State::Lists "${join(work, 'lists')}";`,
      'Dir::State::Status "/dev/null";',
      `Dir::Cache "${join(work, 'cache')}";`,
      // As root, apt would read as user _apt, which cannot enter a folder only root may enter.
      'APT::Sandbox::User "root";',
      'APT::Update::Error-Mode "any";',
      'Acquire::http::Timeout "15";',
      'Acquire::https::Timeout "15";',
      'Acquire::Retries "1";',
      '',
    ].join('\n'),
  );
  return configuration;
}

async function distribution(): Promise<string> {
  try {
    return /^ID="?([^"\n]*)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function lastLineOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).trim().split('\n').at(-1) ?? '';
}
