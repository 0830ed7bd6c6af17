import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type Packed, packPackages, run } from './pack.ts';

/** Checks what a consumer gets: the content of each tarball, its manifest, and its types under three compilers. */

const published =
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[^.]+\.(js|js\.map|d\.ts|d\.ts\.map))$/;
const required = ['package.json', 'README.md', 'LICENSE'];

const compilers = { 'typescript-7': '7', 'typescript-6': '6', 'typescript-5': '5.9' };
const resolutions = { nodenext: 'nodenext', bundler: 'esnext' };

const folder = mkdtempSync(join(tmpdir(), 'pipit-packages-'));
try {
  const packages = packPackages(folder);
  const problems = [
    ...packages.flatMap((packed) => contentProblems(packed).concat(manifestProblems(packed))),
    ...(await Promise.all(packages.map(publintProblems))).flat(),
    ...packages.flatMap(attwProblems),
    ...compileProblems(packages),
  ];
  for (const problem of problems) console.error(`✗ ${problem}`);
  console.log(`${packages.length} packages, ${problems.length} problems`);
  process.exitCode = problems.length > 0 || packages.length === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

function contentProblems({ manifest, files }: Packed): string[] {
  return [
    ...files.filter((file) => !published.test(file)).map((file) => `${manifest.name}: ${file} is published`),
    ...required.filter((file) => !files.includes(file)).map((file) => `${manifest.name}: ${file} is missing`),
  ];
}

function manifestProblems({ manifest, tarball, files }: Packed): string[] {
  const text = run('tar', ['-xzOf', tarball, 'package/package.json'], folder);
  const packed = JSON.parse(text) as {
    exports: Record<string, Record<string, string>>;
    bin?: Record<string, string>;
  };
  const entries = [
    ...Object.values(packed.exports).flatMap(Object.values),
    ...Object.values(packed.bin ?? {}),
  ];
  const differs = (field: 'exports' | 'bin') =>
    Object.keys(manifest[field] ?? {}).join() !== Object.keys(manifest.publishConfig?.[field] ?? {}).join();

  return [
    ...entries
      .filter((entry: string) => !files.includes(entry.replace(/^\.\//, '')))
      .map((entry) => `${manifest.name}: ${entry} is not in the tarball`),
    ...(['exports', 'bin'] as const)
      .filter(differs)
      .map((field) => `${manifest.name}: publishConfig.${field} has other keys than ${field}`),
    ...(text.match(/"(workspace|catalog):[^"]*"/g) ?? []).map(
      (range) => `${manifest.name}: ${range} is left`,
    ),
  ];
}

async function publintProblems({ manifest, tarball }: Packed): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return messages.map((message) => `${manifest.name}: ${formatMessage(message, pkg)} (publint)`);
}

function attwProblems({ manifest, tarball }: Packed): string[] {
  const attw = join(import.meta.dirname, 'node_modules/.bin/attw');
  return problemOf(manifest.name, () =>
    run(attw, [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], folder),
  );
}

/** Every entry of every package, also in declarations alone, by compilers that are not the workspace's. */
function compileProblems(packages: readonly Packed[]): string[] {
  const peers = Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies ?? {}));
  const own = packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]);
  const installed = Object.entries(compilers).map(([name, version]) => [name, `npm:typescript@${version}`]);
  const dependencies = { ...peers, '@types/node': '24', ...Object.fromEntries([...own, ...installed]) };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  const imports = packages
    .flatMap(({ manifest }) => Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1)))
    .map((entry, index) => `export * as entry${index} from '${entry}';`);
  writeFileSync(join(folder, 'consumer.ts'), imports.join('\n'));

  const failed = problemOf('npm install', () => run('npm', ['install', '--no-audit', '--no-fund'], folder));
  if (failed.length > 0) return failed;
  return Object.keys(compilers).flatMap((compiler) =>
    Object.entries(resolutions).flatMap(([moduleResolution, module]) => {
      const options = { module, moduleResolution, target: 'es2024', strict: true, skipLibCheck: false };
      const config = {
        compilerOptions: { ...options, noEmit: true, types: ['node'] },
        files: ['consumer.ts'],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      return problemOf(`${compiler}, ${moduleResolution}`, () =>
        run('node', [`node_modules/${compiler}/bin/tsc`, '--pretty', 'false'], folder),
      );
    }),
  );
}

function problemOf(subject: string, check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [`${subject}: ${(error as Error).message}`];
  }
}
