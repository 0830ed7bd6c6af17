import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { minVersion, validRange } from 'semver';
import { type CachedServer, defaultCacheDir, findCachedServer, moveIntoCache } from './cache-folder.ts';
import {
  type FindAttempt,
  InvalidServerOptionError,
  NatsServerNotFoundError,
  NatsServerVersionError,
} from './errors.ts';
import { fetchDebianPackage } from './fetch-debian-package.ts';
import { fetchRelease, RELEASES_URL } from './fetch-release.ts';
import { requirePlatform } from './platform.ts';
import { FETCHED_VERSION, isUsableVersion, REQUIRED_RANGE, readServerVersion } from './server-version.ts';

export interface FindOptions {
  /** Path of the nats-server to use; nothing else is tried then. Default: `NATS_SERVER_BIN`. */
  readonly binary?: string;
  /**
   * A release or a range of them, in npm's notation: `2.15.1`, `~2.12`; the lowest of a range is what is fetched.
   * Default: any from 2.12 on; if none is there, 2.15.1 is fetched.
   */
  readonly version?: string;
  /** Where fetched servers are kept. Default: `$XDG_CACHE_HOME` or `~/.cache`, then `pipit/nats-server`. */
  readonly cacheDir?: string;
  /** Base URL releases are fetched from, paths below it as on GitHub. Default: `NATS_SERVER_MIRROR`, then GitHub. */
  readonly mirror?: string;
  /** Milliseconds a download may stand still before the next way is tried. Default: 10 000. */
  readonly fetchTimeout?: number;
  /** Environment that is read, and that apt is run with. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface FoundNatsServer {
  readonly path: string;
  readonly version: string;
  readonly source: 'given' | 'path' | 'cache' | 'release' | 'distribution-package';
}

/**
 * Finds a nats-server binary, in this order: `binary` or `NATS_SERVER_BIN`; `PATH`, if new enough; the cache
 * folder; the official release, its checksum verified; on Debian and Ubuntu their own package, from the development
 * suite first, verified by apt. What was fetched is kept in the cache folder. Processes may do this at the same time.
 *
 * `NATS_URL` is not looked at: whoever has a URL needs no binary, so that choice comes before this call.
 *
 * @throws NatsServerNotFoundError when no way led to a server, or the one named explicitly does not run
 * @throws NatsServerVersionError when the one named explicitly is too old, or not the version asked for
 * @throws UnsupportedPlatformError on anything but Linux and macOS, x64 and arm64
 */
export async function findNatsServer(options: FindOptions = {}): Promise<FoundNatsServer> {
  const platform = requirePlatform();
  const env = options.env ?? process.env;
  const { NATS_SERVER_BIN, NATS_SERVER_MIRROR, PATH = '' } = env;
  const range = options.version ?? REQUIRED_RANGE;

  const given = options.binary ?? (NATS_SERVER_BIN || undefined);
  if (given !== undefined) return findGiven(given, range);

  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  const release = {
    mirror: options.mirror ?? (NATS_SERVER_MIRROR || RELEASES_URL),
    version: options.version === undefined ? FETCHED_VERSION : lowestOf(options.version),
    platform,
    idleTimeout: options.fetchTimeout ?? 10_000,
  };
  const intoCache = async (unpack: (folder: string) => Promise<string>) => {
    await mkdir(cacheDir, { recursive: true });
    const folder = await mkdtemp(join(cacheDir, '.fetching-'));
    try {
      return await moveIntoCache(await unpack(folder), cacheDir, platform, range);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const ways: readonly [FindAttempt['way'], FoundNatsServer['source'], () => Promise<CachedServer>][] = [
    ['PATH', 'path', () => findOnPath(PATH, range)],
    ['cache', 'cache', () => findCachedServer(cacheDir, platform, range)],
    ['release', 'release', () => intoCache((folder) => fetchRelease(release, folder))],
    [
      'distribution package',
      'distribution-package',
      () => intoCache((folder) => fetchDebianPackage(platform, folder, env, range)),
    ],
  ];
  const attempts: FindAttempt[] = [];
  const causes: unknown[] = [];
  for (const [way, source, look] of ways) {
    try {
      return { ...(await look()), source };
    } catch (error) {
      attempts.push({ way, reason: reasonOf(error) });
      causes.push(error);
    }
  }
  const unset: FindAttempt = { way: 'NATS_SERVER_BIN', reason: 'not set' };
  throw new NatsServerNotFoundError([unset, ...attempts], { cause: new AggregateError(causes) });
}

function lowestOf(range: string): string {
  const lowest = validRange(range) === null ? null : minVersion(range);
  if (lowest === null) {
    throw new InvalidServerOptionError('version', range, 'give a version or a range of versions.');
  }
  return lowest.version;
}

async function findGiven(path: string, range: string): Promise<FoundNatsServer> {
  let version: string;
  try {
    version = await readServerVersion(path);
  } catch (cause) {
    throw new NatsServerNotFoundError([{ way: 'NATS_SERVER_BIN', reason: reasonOf(cause) }], { cause });
  }
  if (!isUsableVersion(version, range)) throw new NatsServerVersionError({ path, version, required: range });
  return { path, version, source: 'given' };
}

async function findOnPath(searchPath: string, range: string): Promise<CachedServer> {
  for (const folder of searchPath.split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, 'nats-server');
    if (!(await isExecutable(path))) continue;
    const version = await readServerVersion(path);
    if (!isUsableVersion(version, range)) throw new Error(`${path} is ${version}, and ${range} is needed`);
    return { path, version };
  }
  throw new Error('no nats-server on it');
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
