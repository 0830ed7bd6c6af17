export interface Program {
  /** Line of the README on which its first block begins. */
  readonly line: number;
  /** Its blocks, each on the lines it has in the README, so that a compile error names those. */
  readonly source: string;
  /** The comments behind its `console.log` calls. */
  readonly output: readonly string[];
}

const block = /^```ts\n(.*?)^```$/gms;
const printed = /(?<=\s)\/\/ (.+)$/;

/** A block that begins with an import begins a program; one that does not continues the program before it. */
export function readProgramsIn(markdown: string): Program[] {
  const programs: Program[] = [];
  for (const match of markdown.matchAll(block)) {
    const code = match[1] ?? '';
    const line = markdown.slice(0, match.index).split('\n').length + 1;
    const before = code.startsWith('import ') ? undefined : programs.pop();
    if (before === undefined && !code.startsWith('import ')) {
      throw new Error(`README line ${line}: the first block of a program begins with its imports`);
    }
    const source = before?.source ?? '';
    programs.push({
      line: before?.line ?? line,
      source: source + '\n'.repeat(line - source.split('\n').length) + code,
      output: [...(before?.output ?? []), ...outputOf(code.split('\n'), line)],
    });
  }
  return programs;
}

function outputOf(lines: readonly string[], firstLine: number): string[] {
  const output: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const start = lines[at]?.indexOf('console.log(') ?? -1;
    if (start < 0) continue;

    let call = lines[at]?.slice(start) ?? '';
    while (isOpen(call) && at < lines.length) call = `${call}\n${lines[++at]}`;
    const comment = lines[at]?.match(printed);
    if (!comment) throw new Error(`README line ${firstLine + at}: say behind console.log what it prints`);
    output.push(comment[1] ?? '');

    // A call that prints several lines has the rest of them below, each in the column of the first.
    const column = ' '.repeat(comment.index ?? 0);
    while (lines[at + 1]?.startsWith(`${column}// `))
      output.push(lines[++at]?.slice(column.length + 3) ?? '');
  }
  return output;
}

function isOpen(call: string): boolean {
  return call.split('(').length > call.split(')').length;
}
