import { readFileSync, writeFileSync } from 'node:fs';
import type { Result, Row } from './benchmark.ts';

const begin = '<!-- bench -->';
const end = '<!-- /bench -->';

/** A table that reads well in a terminal and is Markdown. */
export function tableOf(
  rows: readonly Pick<Row<never>, 'row' | 'goal' | 'against'>[],
  results: readonly Result[],
): string {
  const lines = results.map(({ row, ratio, goal, met, detail }) => {
    const against = rows.find((candidate) => candidate.row === row)?.against ?? '';
    return [row, ratio.toFixed(2), `≥ ${goal} × ${against}`, met ? 'yes' : 'no', detail];
  });
  const cells = [['row', 'ratio', 'goal', 'met', 'detail'], ...lines];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const [head = '', ...body] = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

/**
 * The place in a README that its author has marked for the table.
 *
 * @throws Error where it is not marked; better before a long run than after it
 */
export function placeInReadme(file: string): { write(table: string): void } {
  const split = () => {
    const readme = readFileSync(file, 'utf8');
    const from = readme.indexOf(begin);
    const to = readme.indexOf(end);
    if (from === -1 || to < from)
      throw new Error(`${file} has no ${begin} and ${end} to write a table between`);
    return [readme.slice(0, from + begin.length), readme.slice(to)];
  };
  split();
  return {
    write: (table) => writeFileSync(file, split().join(`\n${table}\n`)),
  };
}
