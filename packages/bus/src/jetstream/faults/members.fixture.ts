import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { NatsConnection } from '@nats-io/nats-core';
import { encodeToken } from '@pipit/types-registry';
import { groupSubject } from '../ordered/messages.ts';
import type { MemberOptions } from './member-options.fixture.ts';

/** Processes of one group. One that ends is started again. */
export interface Members {
  readonly log: readonly string[];
  /** How often one has ended. */
  readonly ends: number;
  /** The process id of the member that announced itself as the leader last. */
  readonly leader: number | undefined;
  /** By SIGKILL. Resolves when it is gone. */
  kill(pid: number): Promise<void>;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const path = fileURLToPath(new URL('member.fixture.ts', import.meta.url));

export async function startMembers(
  connection: NatsConnection,
  count: number,
  options: MemberOptions,
): Promise<Members> {
  const log: string[] = [];
  const children = new Map<number, ChildProcess>();
  let running = true;
  let ends = 0;
  let leader: number | undefined;

  const subject = groupSubject(options.store, encodeToken('group', options.group));
  const announcements = connection.subscribe(subject, {
    callback(_, msg) {
      // `<host>-<process id>-<random part>-<number>`
      const [, pid] = /-(\d+)-[0-9a-f]{8}-\d+$/.exec(msg.json<{ leader: string }>().leader) ?? [];
      leader = Number(pid);
    },
  });

  function start(): Promise<unknown> {
    const child = fork(path, [JSON.stringify(options)], { execArgv: [] });
    const { pid = 0 } = child;
    const ready = Promise.withResolvers<void>();
    children.set(pid, child);
    child.on('message', (message: 'ready' | { level: string; message: string }) => {
      if (message === 'ready') ready.resolve();
      else log.push(`${pid} ${message.level}: ${message.message}`);
    });
    child.on('exit', () => {
      children.delete(pid);
      ready.resolve();
      if (!running) return;
      ends += 1;
      void start();
    });
    return ready.promise;
  }

  await Promise.all(Array.from({ length: count }, start));
  return {
    log,
    get ends() {
      return ends;
    },
    get leader() {
      return leader !== undefined && children.has(leader) ? leader : undefined;
    },
    get pids() {
      return [...children.keys()];
    },
    async kill(pid) {
      const child = children.get(pid);
      if (child === undefined) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      running = false;
      announcements.unsubscribe();
      const all = [...children.values()];
      const gone = all.map((child) => once(child, 'exit'));
      for (const child of all) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}
