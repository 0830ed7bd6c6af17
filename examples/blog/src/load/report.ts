import type { LoadReport } from './run-load.ts';
import type { Row } from './tally.ts';

/** For people; milliseconds. */
export function showReport({ total, kinds, ...report }: LoadReport): void {
  const rows = { ...kinds, 'all of them': total };
  console.table(
    Object.fromEntries(Object.entries(rows).map(([kind, row]) => [kind, columns(row, report.seconds)])),
  );
  console.log(`${report.perSecond} requests per second for ${report.seconds} s`);
  const { acknowledged, missing, unexpected } = report;
  console.log(`${acknowledged} acknowledged writes, ${missing.length} of them missing`);
  for (const one of missing.slice(0, 20)) console.log(`  missing: ${one}`);
  for (const [what, count] of Object.entries(unexpected))
    console.log(`  unexpected: ${what}, ${count} times`);
}

function columns({ requests, statuses, p50, p90, p99, max }: Row, seconds: number) {
  const answers = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  return {
    requests,
    'per second': Math.round((requests / seconds) * 10) / 10,
    ...{ p50, p90, p99, max },
    answers: answers.join(', '),
  };
}
