import { readFile } from 'node:fs/promises';
import { NatsServerStartError, PortInUseError } from './errors.ts';
import { untilReady } from './readiness.ts';
import type { OwnSettings } from './server-config.ts';
import type { ProcessEnd, WatchedProcess } from './watched-process.ts';

/** Rejects with what its log says when the server ends, or does not answer in time. */
export async function untilAnswering(
  { own, startTimeout }: { readonly own: OwnSettings; readonly startTimeout: number },
  running: WatchedProcess,
  logFile: string,
): Promise<void> {
  const endOfProcess = new AbortController();
  let end: ProcessEnd | undefined;
  void running.ended.then((how) => {
    end = how;
    endOfProcess.abort();
  });
  const deadline = AbortSignal.timeout(startTimeout);
  const target = { ...own, clustered: own.cluster !== undefined };
  try {
    await untilReady(target, AbortSignal.any([endOfProcess.signal, deadline]));
  } catch (cause) {
    const log = await lastLines(logFile);
    if (end === undefined) {
      const detail = `it did not answer within ${startTimeout} ms (${cause instanceof Error ? cause.message : cause})`;
      throw new NatsServerStartError({ reason: 'timeout', detail, log }, { cause });
    }
    const ended = new NatsServerStartError(
      { reason: 'exited', detail: `it ended with exit code ${end.exitCode}`, log },
      { cause },
    );
    const port = log.map((line) => /:(\d+): bind: address already in use/.exec(line)?.[1]).find(Boolean);
    throw port === undefined ? ended : new PortInUseError(Number(port), { cause: ended });
  }
}

async function lastLines(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  // Asking whether it is healthy makes the server log that it is not.
  return lines.filter((line) => line !== '' && !line.includes('Healthcheck failed')).slice(-20);
}
