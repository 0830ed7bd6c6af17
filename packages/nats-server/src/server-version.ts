import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { satisfies } from 'semver';

/** The release that is fetched when none is named. */
export const FETCHED_VERSION = '2.15.1';

/** Atomic batches and schedules need it; older servers ignore what they do not know in silence. */
export const REQUIRED_RANGE = '>=2.12.0';

const runForOutput = promisify(execFile);

/** Runs `binary --version`. Rejects when it cannot be run or is not a nats-server. */
export async function readServerVersion(binary: string): Promise<string> {
  const { stdout } = await runForOutput(binary, ['--version'], { timeout: 20_000 });
  const version = /^nats-server: v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (version === undefined) {
    throw new Error(
      `${binary} --version printed ${JSON.stringify(stdout.slice(0, 200))}, which is no nats-server's`,
    );
  }
  return version;
}

export function isUsableVersion(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true });
}
