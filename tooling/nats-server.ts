import type { TestProject } from 'vitest/node';
// By its path: as a dependency it would close a circle, since the package is built and tested with this tooling.
import { findNatsServer } from '../packages/nats-server/src/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    natsServer: string;
  }
}

/** Looks for nats-server once per run, before the first test that needs one, and says which it is. */
export default async function (project: TestProject): Promise<void> {
  const run = project.vitest.getRootProject();
  if (run.getProvidedContext().natsServer !== undefined) return;
  const { testFiles } = await project.globTestFiles();
  if (!testFiles.some((file) => file.endsWith('.nats.test.ts'))) return;

  const { path, version, source } = await findNatsServer();
  console.log(`nats-server ${version} (${source}) ${path}`);
  run.provide('natsServer', path);
  // Workers inherit it, so that none of them searches or fetches again.
  process.env['NATS_SERVER_BIN'] = path;
}
