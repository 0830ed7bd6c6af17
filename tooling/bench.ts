import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Benchmark, Result, Scale } from './bench/benchmark.ts';
import { profile } from './bench/profile.ts';
import { interleavedRounds } from './bench/rounds.ts';
import { placeInReadme, tableOf } from './bench/table.ts';

const HELP = `Runs the benchmark of a package: packages/<package>/src/<package>.bench.ts.

Usage: npx pnpm@12 bench <package> [options]

  --json <file>      also write the rows as JSON
  --readme           also write the table into the package's README, between <!-- bench --> and <!-- /bench -->
  --quick            a small run for developing benchmarks; its ratios say little
  --events <number>  events in the large stream (default: 1000000; quick: 20000)
  --rounds <number>  measured rounds, at least 5 (default: 5, and more where they are short)
  --only <text>      only rows whose names contain it
  --profile <folder> also write a CPU profile of each side of each row
  --help             print this

A goal that is not met is reported and is no failure: speed depends on the machine.
`;

const packages = join(import.meta.dirname, '..', 'packages');
const { values, positionals } = readArguments();
const [name = ''] = positionals;
const folder = join(packages, name);
const entry = join(folder, 'src', `${name}.bench.ts`);
if (values.help) process.stdout.write(HELP);
else if (name === '' || !existsSync(entry)) fail(`There is no benchmark ${entry}.\n\n${HELP}`);
else await run();

async function run(): Promise<void> {
  const { default: benchmark } = (await import(entry)) as { default: Benchmark<unknown> };
  const { json, readme, only = '' } = values;
  const place = readme ? placeInReadme(join(folder, 'README.md')) : undefined;
  const rows = benchmark.rows.filter(({ row }) => row.includes(only));
  const results: Result[] = [];
  const setting = await benchmark.open(scale());
  try {
    for (const { row, goal, times = 1, measure } of rows) {
      progress(row);
      const started = performance.now();
      const rounds = interleavedRounds({
        rounds: times * wholeNumber('rounds', values.rounds ?? '5', 5),
        warmUps: 1 + times,
        progress,
        ...(values.profile !== undefined && { watch: watching(values.profile, row) }),
      });
      const { ratio, detail, met = ratio >= goal } = await measure(setting, rounds);
      progress(`${row}: ${ratio.toFixed(2)}, ${Math.round((performance.now() - started) / 1000)} s`);
      results.push({ row, ratio: Number(ratio.toFixed(3)), goal, met, detail });
    }
  } finally {
    await benchmark.close(setting);
  }
  const table = tableOf(rows, results);
  console.log(table);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
  place?.write(table);
}

function scale(): Scale {
  const { quick = false } = values;
  return {
    events: wholeNumber('events', values.events ?? (quick ? '20000' : '1000000'), 10_000),
    of: (full) => (quick ? Math.ceil(full / 10) : full),
    progress,
  };
}

function watching(into: string, row: string) {
  return (side: string, work: () => Promise<unknown>) => profile(into, `${row} ${side}`, work);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  return fail(`--${option} must be a whole number from ${least}, not ${text}`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        readme: { type: 'boolean' },
        quick: { type: 'boolean' },
        events: { type: 'string' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
