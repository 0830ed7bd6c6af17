import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import type { Platform } from './platform.ts';

/** Where nats-io publishes its releases; a mirror keeps the same paths below it. */
export const RELEASES_URL = 'https://github.com/nats-io/nats-server/releases/download';

export interface ReleaseRequest {
  readonly mirror: string;
  readonly version: string;
  readonly platform: Platform;
  /** Milliseconds without an answer, or without the next bytes of one, after which it is given up. */
  readonly idleTimeout: number;
}

/**
 * Downloads `<mirror>/v<version>/nats-server-v<version>-<os>-<arch>.tar.gz`, compares it with the release's
 * `SHA256SUMS` and unpacks the binary into `folder`. Resolves to the binary's path.
 */
export async function fetchRelease(request: ReleaseRequest, folder: string): Promise<string> {
  const { mirror, version, platform, idleTimeout } = request;
  const base = `${mirror.replace(/\/+$/, '')}/v${version}`;
  const name = `nats-server-v${version}-${platform.os}-${platform.arch}`;
  const archive = `${name}.tar.gz`;

  const sums = (await download(`${base}/SHA256SUMS`, idleTimeout)).toString('utf8');
  const expected = checksumOf(archive, sums);
  if (expected === undefined) throw new Error(`${base}/SHA256SUMS has no line for ${archive}`);
  const content = await download(`${base}/${archive}`, idleTimeout);
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== expected) {
    throw new Error(`${base}/${archive} has SHA-256 ${actual}, but SHA256SUMS says ${expected}: refused`);
  }

  await pipeline(Readable.from([content]), extract({ cwd: folder, strict: true }, [`${name}/nats-server`]));
  return join(folder, name, 'nats-server');
}

/** The lines of a `SHA256SUMS` file are `<hex>  <name>`, the name with `*` before it in binary mode. */
export function checksumOf(file: string, sums: string): string | undefined {
  return sums
    .split('\n')
    .map((line) => /^([0-9a-fA-F]{64})[ \t]+\*?(\S+)\s*$/.exec(line))
    .find((match) => match?.[2] === file)?.[1]
    ?.toLowerCase();
}

async function download(url: string, idleTimeout: number): Promise<Buffer> {
  const idle = new AbortController();
  const timer = setTimeout(
    () => idle.abort(new Error(`${url} did not answer for ${idleTimeout} ms`)),
    idleTimeout,
  );
  try {
    const response = await fetch(url, { signal: idle.signal });
    if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) {
      timer.refresh();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw reasonOf(url, error);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` says only "fetch failed"; what happened is in the cause. */
function reasonOf(url: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { cause } = error;
  const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : error.message;
  return new Error(`${url} cannot be reached: ${why}`, { cause: error });
}
