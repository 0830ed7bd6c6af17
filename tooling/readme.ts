import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Program, readProgramsIn } from './readme-program.ts';

export interface ReadmeOptions {
  /** Path of the page, from the package's folder on. Default: the package's own README. */
  readonly readme?: string;
  /** What the programs find in their environment besides the usual, e.g. `NATS_URL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds a program may run. Default: 60,000. */
  readonly deadline?: number;
}

/**
 * Makes a test of each program in a package's README. Call it with `import.meta.url` from a test file in `src`.
 * A program passes when it compiles under the strict preset, exits with 0 before the deadline, and prints
 * exactly what the comments behind its `console.log` calls say.
 */
export function readmePrograms(testFile: string, options: ReadmeOptions = {}): void {
  const packageFolder = fileURLToPath(new URL('..', testFile));
  const readme = join(packageFolder, options.readme ?? 'README.md');
  const page = options.readme === undefined ? '' : `-${basename(readme, '.md')}`;
  const name = `${basename(testFile).replace(/(\.nats)?\.test\.ts$/, '')}${page}`;
  const deadline = options.deadline ?? 60_000;

  for (const program of readProgramsIn(readFileSync(readme, 'utf8'))) {
    test(`line ${program.line}`, { timeout: 2 * deadline + 10_000 }, async () => {
      await checkProgram(program, join(packageFolder, '.readme'), `${name}-${program.line}`, {
        ...options,
        deadline,
      });
    });
  }
}

export async function checkProgram(
  program: Program,
  folder: string,
  name: string,
  { env, deadline }: { env?: Readonly<Record<string, string>>; deadline: number },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.ts`), program.source);
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({
      extends: join(import.meta.dirname, 'tsconfig.json'),
      // A snippet may show what a call gives back without using all of it.
      compilerOptions: { noUnusedLocals: false },
      files: [`${name}.ts`],
    }),
  );

  const tsc = join(import.meta.dirname, 'node_modules/.bin/tsc');
  const compiled = await run(tsc, ['-p', `${name}.json`, '--pretty', 'false'], folder, {}, deadline);
  expect(compiled, `does not compile:\n${compiled.stdout}`).toMatchObject({ ending: 'exit 0' });

  const ran = await run(process.execPath, [`${name}.ts`], folder, env ?? {}, deadline);
  expect(ran.ending, `${ran.stdout}${ran.stderr}`).toBe('exit 0');
  expect(ran.stdout.split('\n').slice(0, -1)).toEqual(program.output);
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  deadline: number,
) {
  // The program shall see what it would see outside the test runner, and print without colours.
  const {
    NODE_ENV: _,
    NODE_OPTIONS: __,
    FORCE_COLOR: ___,
    VITEST: ____,
    TEST: _____,
    ...outside
  } = process.env;
  // A group of its own, so that what the program has started ends with it.
  const child = spawn(command, args, {
    cwd,
    env: { ...outside, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, deadline);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  clearTimeout(timer);
  const ending = late ? `still running after ${deadline} ms` : signal === null ? `exit ${code}` : signal;
  return { stdout, stderr, ending };
}
