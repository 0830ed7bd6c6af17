import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Builds what the package's own `exports` point at, so that an entry is declared in one place. */
export default defineConfig(() => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const entry = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})].filter((file) =>
    file.endsWith('.ts'),
  );
  return {
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    sourcemap: true,
    clean: true,
    dts: false,
  };
});
