import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly publishConfig?: {
    readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly bin?: Readonly<Record<string, string>>;
  };
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Packed {
  readonly manifest: Manifest;
  readonly tarball: string;
  /** Paths in the tarball, below its `package` folder. */
  readonly files: readonly string[];
}

interface Failure {
  readonly status?: number | null;
  /** When it did not run to its end, e.g. ETIMEDOUT. */
  readonly code?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

const workspace = join(import.meta.dirname, '..');

/** Packs every public package into a folder; they have been built before. */
export function packPackages(folder: string): Packed[] {
  return globSync('packages/*/package.json', { cwd: workspace })
    .sort()
    .map((file) => ({ cwd: join(workspace, dirname(file)), manifest: readManifest(join(workspace, file)) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ cwd, manifest }) => {
      const packed = run('pnpm', ['pack', '--json', '--pack-destination', folder], cwd);
      const { filename, files } = JSON.parse(packed) as { filename: string; files: { path: string }[] };
      return { manifest, tarball: filename, files: files.map(({ path }) => path) };
    });
}

/** Runs a command to its end and gives back what it printed; when it fails, the error holds all of it. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): string {
  try {
    const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync(command, args, { ...options, input: '', timeout: 300_000 });
  } catch (error) {
    const { status, code, stdout = '', stderr = '' } = error as Failure;
    throw new Error(
      `${command} ${args.join(' ')}: ${code ?? `exit ${status}`}\n${stdout}${stderr}`.trimEnd(),
    );
  }
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
