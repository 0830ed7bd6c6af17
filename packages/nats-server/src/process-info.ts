import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface ProcessInfo {
  readonly command: string;
  /** Tells a process from a later one with the same pid; only to be compared. */
  readonly startedAt: string;
}

const runForOutput = promisify(execFile);

/** What runs under this pid, or `undefined` when nothing does (a process that has ended counts as nothing). */
export async function describeProcess(pid: number): Promise<ProcessInfo | undefined> {
  return process.platform === 'linux' ? describeByProc(pid) : describeByPs(pid);
}

/** Resolves to whether the condition about a process came true within the time. */
export async function becomesTrue(condition: () => Promise<boolean>, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await delay(10);
  }
}

/** Does nothing when there is no such process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function describeByProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const [commandLine, stat] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The second field is the name in parentheses and may hold anything; the start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return { command: commandLine.replaceAll('\0', ' '), startedAt: fields[19] ?? '' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

async function describeByPs(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const { stdout } = await runForOutput('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)]);
    const [, state, startedAt, command] =
      /^(\S+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    if (state === undefined || state.startsWith('Z')) return undefined;
    return { command: command ?? '', startedAt: startedAt ?? '' };
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}
