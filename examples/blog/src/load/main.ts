import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { showReport } from './report.ts';
import { runLoad } from './run-load.ts';

const usage = `Usage: npx pnpm@12 --filter blog load -- [options]

  --url          the blog's (http://localhost:3000)
  --seconds      how long (60)
  --connections  visitors at a time (20)
  --seed         what they do follows from it (1)
  --json         file that the report is written to (load.json)`;

const { values } = parseArgs({
  // pnpm hands on the two dashes.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string', default: 'load.json' },
    help: { type: 'boolean', default: false },
  },
});

const [seconds, connections, seed] = [values.seconds, values.connections, values.seed].map(Number);
if (values.help) {
  console.log(usage);
} else if (!seconds || !connections || seed === undefined || Number.isNaN(seed)) {
  console.error(usage);
  process.exitCode = 1;
} else {
  const report = await runLoad({ url: values.url, seconds, connections, seed }).report;
  showReport(report);
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  const isGood = report.missing.length === 0 && Object.keys(report.unexpected).length === 0;
  process.exitCode = isGood ? 0 : 1;
}
