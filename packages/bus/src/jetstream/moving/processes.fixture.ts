import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ProcessOptions {
  readonly servers: string;
  readonly store: string;
  /** What it signs its effects with. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly order: 'key' | 'none';
  readonly lease: number;
}

/** The title of an event that takes so many milliseconds in the process of a name. */
export const slowTitle = (milliseconds: { readonly [name: string]: number }) => JSON.stringify(milliseconds);

/** How many milliseconds an event takes in a process, or 0 for one that takes hardly any. */
export function slownessOf(title: string, name: string): number {
  return title.startsWith('{') ? (JSON.parse(title)[name] ?? 0) : 0;
}

const path = fileURLToPath(new URL('process.fixture.ts', import.meta.url));

/** Starts processes, and resolves when all groups of one are ready. */
export function processes() {
  const children: ChildProcess[] = [];
  return {
    async start(options: ProcessOptions) {
      const child = fork(path, [JSON.stringify(options)], { execArgv: [] });
      children.push(child);
      await once(child, 'message');
      return {
        /** Stops its subscription of the group, and waits for the end of that. */
        async leave(group: string): Promise<void> {
          const left = once(child, 'message');
          child.send(group);
          await left;
        },
      };
    },
    async stop(): Promise<void> {
      const gone = children.map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}
