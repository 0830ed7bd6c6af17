import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreInUseError } from './errors.ts';
import { becomesTrue, describeProcess, sendSignal } from './process-info.ts';

/** A claim on a store folder, kept in a file so that other processes see it. */
export interface StoreClaim {
  /** Names the server that now runs on the folder; until then every other claim is refused. */
  recordServer(pid: number): Promise<void>;
  /** Whether the claim still stands: a new one may be made once the server is gone. */
  holds(): Promise<boolean>;
  release(): Promise<void>;
}

interface Owner {
  readonly token: string;
  readonly starter: { readonly pid: number; readonly startedAt: string };
  readonly serverPid?: number;
}

/**
 * Claims the folder for this process. A server left behind on it by a process that is gone is ended first.
 *
 * @param mark occurs in the command line of a server on this folder and in no other
 * @throws StoreInUseError when the process that claimed it still runs, and so does its server
 */
export async function claimStore(storeDir: string, mark: string): Promise<StoreClaim> {
  const file = join(storeDir, 'owner.json');
  const starter = { pid: process.pid, startedAt: (await describeProcess(process.pid))?.startedAt ?? '' };
  const own: Owner = { token: randomUUID(), starter };

  while (!(await createFile(file, JSON.stringify(own)))) {
    const found = await readIfThere(file);
    if (found === undefined) continue;
    await endLeftover(storeDir, parseOwner(found), mark);
    await removeJudged(file, found);
  }

  const holds = async () => parseOwner((await readIfThere(file)) ?? '')?.token === own.token;
  return {
    holds,
    async recordServer(serverPid) {
      const temporary = `${file}.${own.token}`;
      await writeFile(temporary, JSON.stringify({ ...own, serverPid }));
      await rename(temporary, file);
    },
    async release() {
      if (await holds()) await rm(file, { force: true });
    },
  };
}

async function endLeftover(storeDir: string, owner: Owner | undefined, mark: string): Promise<void> {
  if (owner === undefined) return;
  const { starter, serverPid } = owner;
  const serverRuns = async () =>
    serverPid !== undefined && ((await describeProcess(serverPid))?.command.includes(mark) ?? false);

  const starterRuns = (await describeProcess(starter.pid))?.startedAt === starter.startedAt;
  if (starterRuns && (serverPid === undefined || (await serverRuns()))) {
    throw new StoreInUseError({ storeDir, starterPid: starter.pid, serverPid });
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (serverPid === undefined || !(await serverRuns())) return;
    sendSignal(serverPid, signal);
    if (await becomesTrue(async () => !(await serverRuns()), 5_000)) return;
  }
  throw new StoreInUseError({ storeDir, starterPid: starter.pid, serverPid });
}

/** Two processes may judge the same file; the second must not take away what the first has put there since. */
async function removeJudged(file: string, judged: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== judged) await link(aside, file);
  await rm(aside);
}

async function createFile(file: string, content: string): Promise<boolean> {
  // Linked into place, because a file created empty and then filled could be read in between.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, content);
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary);
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A file that is no claim, say after a power loss, claims nothing. */
function parseOwner(content: string): Owner | undefined {
  try {
    const { token, starter, serverPid } = JSON.parse(content) as Owner;
    return typeof starter.pid === 'number' ? { token, starter, ...(serverPid && { serverPid }) } : undefined;
  } catch {
    return undefined;
  }
}
