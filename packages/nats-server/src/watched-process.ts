import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { becomesTrue, describeProcess, sendSignal } from './process-info.ts';

/**
 * Runs the server and ends it when the process that started it is gone, however that went: a pipe from the
 * starter (descriptor 3) is then at its end. The server is the shell's own child, so its pid cannot have become
 * another process's when it is signalled. If the shell itself is killed, Node closes the
 * pipe and the part that reads it ends the server.
 *
 * $1: folder to remove if the starter is gone, or empty; the rest: the server's command line.
 */
const WATCHDOG = `
exec 3<&0 </dev/null
temporary=$1
shift
"$@" >&2 3<&- &
server=$!
echo "$server"
exec >/dev/null 2>&1

abandoned=
trap 'abandoned=1; { sleep 10; kill -KILL "$server"; } &' HUP
{ while read -r _ <&3; do :; done; kill -HUP $$; kill -TERM "$server"; } &
exec 3<&-

status=0
while kill -0 "$server"; do wait "$server"; status=$?; done
if [ "$abandoned" ] && [ "$temporary" ]; then rm -rf -- "$temporary"; fi
trap '' TERM
kill -TERM 0
exit "$status"
`;

export interface ProcessEnd {
  /** Exit code, 128 + the signal's number when a signal ended it; `undefined` when it is not known. */
  readonly exitCode: number | undefined;
}

export interface WatchedProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** Does nothing when the process has ended. */
  signal(signal: NodeJS.Signals): void;
  /** From now on the starter may end before the server; it then takes the server with it. */
  unref(): void;
  /** Awaiting `ended` keeps the starter alive again. */
  ref(): void;
}

/** Starts a server in a session of its own, so that a terminal's Ctrl+C reaches the starter and not the server. */
export async function startWatched(
  command: readonly [string, ...string[]],
  options: { readonly logFile: string; readonly removeIfAbandoned: string | undefined },
): Promise<WatchedProcess> {
  const log = await open(options.logFile, 'a', 0o600);
  try {
    const shell = spawn(
      '/bin/sh',
      ['-c', WATCHDOG, 'pipit-watchdog', options.removeIfAbandoned ?? '', ...command],
      {
        detached: true,
        stdio: ['pipe', 'pipe', log.fd],
      },
    );
    const pipe = shell.stdin as Socket;
    const output = shell.stdout as Readable;
    const shellEnded = once(shell, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const [line] = (await Promise.race([once(output, 'data'), shellEnded])) as [Buffer | number | null];
    const pid = Number.parseInt(String(line), 10);
    if (!Buffer.isBuffer(line) || !(pid > 0))
      throw new Error('the shell that runs nats-server ended at once');
    output.destroy();

    let over = false;
    const ended = shellEnded.then(async ([exitCode, signal]): Promise<ProcessEnd> => {
      if (signal !== null) await untilGone(pid, command[0]);
      over = true;
      return { exitCode: exitCode ?? undefined };
    });
    return {
      pid,
      ended,
      signal(name) {
        if (!over) sendSignal(pid, name);
      },
      unref: () => {
        for (const handle of [shell, pipe]) handle.unref();
      },
      ref: () => {
        for (const handle of [shell, pipe]) handle.ref();
      },
    };
  } finally {
    await log.close();
  }
}

/** Somebody killed the shell; the server ends when it is stopped or the starter goes. */
async function untilGone(pid: number, binary: string): Promise<void> {
  await becomesTrue(
    async () => !(await describeProcess(pid))?.command.startsWith(binary),
    Number.POSITIVE_INFINITY,
  );
}
