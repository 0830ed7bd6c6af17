import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { newDataDir } from '../database/empty-database.fixture.ts';
import { startProcess } from '../process.fixture.ts';
import { showReport } from './report.ts';
import { runLoad } from './run-load.ts';

/** `PIPIT_FAULTS=long` runs for a minute, with two restarts. */
const isLong = process.env['PIPIT_FAULTS'] === 'long';
const { seconds, restarts } = isLong ? { seconds: 60, restarts: [20, 40] } : { seconds: 5, restarts: [1] };
const seed = Number(process.env['PIPIT_SEED'] ?? Date.now() % 1_000_000);
const soon = { timeout: 30_000, interval: 50 };

it('a blog loses no acknowledged write and fails at none when its server is restarted under load', {
  timeout: 240_000,
}, async () => {
  const server = await startNatsServer();
  let isOver = false;
  try {
    const blog = startProcess({ NATS_URL: server.url, PIPIT_DATA_DIR: await newDataDir() });
    await expect.poll(blog.output, { timeout: 60_000 }).toMatch(/^http/);
    const url = blog.output().trim();
    const { progress, report } = runLoad({ url, seconds, connections: 20, seed, goesOn: () => !isOver });
    // Where the test fails before it asks, nobody else has to hear of it.
    report.catch(() => {});
    for (const second of restarts) {
      await expect.poll(() => progress.elapsed, { timeout: 60_000 }).toBeGreaterThan(second);
      const { acknowledged: known, reads: shown } = progress;
      await expect.poll(() => progress.acknowledged, soon).toBeGreaterThan(known + 5);
      // Visitors only write until there is a post to read.
      await expect.poll(() => progress.reads, soon).toBeGreaterThan(shown + 5);
      await server.kill();
      const { reads, postponed } = progress;
      await expect.poll(() => progress.postponed, soon).toBeGreaterThan(postponed);
      await expect.poll(() => progress.reads, soon).toBeGreaterThan(reads + 5);
      await server.restart();
      const { acknowledged } = progress;
      await expect.poll(() => progress.acknowledged, soon).toBeGreaterThan(acknowledged);
    }
    isOver = true;
    const found = await report;
    if (isLong) showReport(found);
    const { missing, unexpected, kinds } = found;
    const failed = blog
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":50'));
    expect({ seed, missing, unexpected, failed }).toEqual({ seed, missing: [], unexpected: {}, failed: [] });
    // Rows are read without NATS; which are not there is asked of it.
    for (const kind of ['list posts', 'search posts'] as const)
      expect(kinds[kind].statuses).not.toHaveProperty('503');
    blog.kill('SIGTERM');
    expect(await blog.ended).toEqual([0, null]);
  } finally {
    isOver = true;
    await server.stop();
  }
});
