import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Runs something under V8's sampling profiler; what it writes opens in the developer tools of Chromium and VS Code. */
export async function profile(folder: string, name: string, run: () => Promise<unknown>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    await run();
    const { profile: taken } = await session.post('Profiler.stop');
    const file = `${name.replaceAll(/[^a-z0-9⁰-⁹]+/gi, '-').toLowerCase()}.cpuprofile`;
    writeFileSync(join(folder, file), JSON.stringify(taken));
  } finally {
    session.disconnect();
  }
}
