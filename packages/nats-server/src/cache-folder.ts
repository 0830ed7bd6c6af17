import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { rcompare, valid } from 'semver';
import type { Platform } from './platform.ts';
import { isUsableVersion, readServerVersion } from './server-version.ts';

export interface CachedServer {
  readonly path: string;
  readonly version: string;
}

/** `$XDG_CACHE_HOME/pipit/nats-server`, by default `~/.cache/pipit/nats-server`. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME, HOME } = env;
  return join(XDG_CACHE_HOME || join(HOME || homedir(), '.cache'), 'pipit', 'nats-server');
}

/** The newest server of the cache within the range. Rejects, saying why, when there is none that runs. */
export async function findCachedServer(
  cacheDir: string,
  platform: Platform,
  range: string,
): Promise<CachedServer> {
  const suffix = `-${platform.os}-${platform.arch}`;
  const versions = (await namesIn(cacheDir))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .filter((version) => valid(version) !== null && isUsableVersion(version, range))
    .sort(rcompare);
  const [newest] = versions;
  if (newest === undefined) throw new Error(`nothing that is ${range} in ${cacheDir}`);
  const path = cachedPath(cacheDir, platform, newest);
  return { path, version: await readServerVersion(path) };
}

/**
 * Moves an unpacked binary into the cache, in one rename so that no other process ever sees half of it.
 * The file has to lie in the same file system. It is run once first: what does not run is not kept.
 */
export async function moveIntoCache(
  file: string,
  cacheDir: string,
  platform: Platform,
  range: string,
): Promise<CachedServer> {
  await chmod(file, 0o755);
  const version = await readServerVersion(file);
  if (!isUsableVersion(version, range)) throw new Error(`it is version ${version}, and ${range} is needed`);
  const path = cachedPath(cacheDir, platform, version);
  await mkdir(join(path, '..'), { recursive: true });
  await rename(file, path);
  return { path, version };
}

function cachedPath(cacheDir: string, platform: Platform, version: string): string {
  return join(cacheDir, `${version}-${platform.os}-${platform.arch}`, 'nats-server');
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
