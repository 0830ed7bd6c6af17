import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkProgram } from './readme.ts';
import { readProgramsIn } from './readme-program.ts';

const block = (...lines: string[]) => ['```ts', ...lines, '```', ''].join('\n');

describe('the programs of a README', () => {
  test('an import begins a program, and a block without one continues it on its own lines', () => {
    const programs = readProgramsIn(
      `# Title\n\n${block("import 'a';", 'a();')}\nText\n${block('b();')}\n${block("import 'c';")}`,
    );

    expect(programs).toEqual([
      { line: 4, source: "\n\n\nimport 'a';\na();\n\n\n\n\nb();\n", output: [] },
      { line: 14, source: `${'\n'.repeat(13)}import 'c';\n`, output: [] },
    ]);
  });

  test('blocks of other languages are not run', () => {
    expect(readProgramsIn('```sh\nrm -rf /\n```\n\n```tsx\n<a />\n```\n')).toEqual([]);
  });

  test('a first block without an import is an error', () => {
    expect(() => readProgramsIn(block('a();'))).toThrow('README line 2');
  });

  test('what is printed stands behind the call, and behind its end when it has several lines', () => {
    const [program] = readProgramsIn(
      block(
        "import 'a';",
        "console.log('http://x'); // http://x",
        'console.log(',
        '  f(1),',
        '); // 1',
        'for (const n of [2, 3]) console.log(n); // 2',
        '                                        // 3',
        '// not printed',
        'on(() => { console.log(f(4)); }); // 4',
      ),
    );

    expect(program?.output).toEqual(['http://x', '1', '2', '3', '4']);
  });

  test('a console.log that does not say what it prints is an error', () => {
    expect(() => readProgramsIn(block("import 'a';", "console.log('x');"))).toThrow('README line 3');
    expect(() => readProgramsIn(block("import 'a';", "console.log('http://x');"))).toThrow('README line 3');
  });
});

describe('a program of a README', () => {
  const checkWithin = async (deadline: number, ...lines: string[]) => {
    const [program] = readProgramsIn(block("import { setTimeout } from 'node:timers/promises';", ...lines));
    if (program === undefined) throw new Error('no program');
    await checkProgram(program, join(import.meta.dirname, '.readme'), 'program', {
      env: { GREETING: 'hello' },
      deadline,
    });
  };
  const check = (...lines: string[]) => checkWithin(20_000, ...lines);

  test('passes when it prints what its comments say, with the environment it was given', async () => {
    await check(
      'await setTimeout(1);',
      "console.log(process.env['GREETING'], { n: 1 }); // hello { n: 1 }",
      'const unused = 1;',
    );
  });

  test('fails when it prints something else, more, or less', async () => {
    await expect(check('console.log(1); // 2')).rejects.toThrow(/deeply equal/);
    await expect(check("process.stdout.write('more\\n');")).rejects.toThrow(/deeply equal/);
    await expect(check('if (Number(1) > 2) console.log(1); // 1')).rejects.toThrow(/deeply equal/);
  });

  test('fails when it does not compile, and the error names the line of the README', async () => {
    await expect(check('const n: number = process.env;')).rejects.toThrow(/program\.ts\(3,7\): error/);
  });

  test('fails when it throws or exits with another code than 0', async () => {
    await expect(check("throw new Error('broken');")).rejects.toThrow(/broken/);
    await expect(check('process.exit(3);')).rejects.toThrow(/exit 3/);
  });

  test('fails when it never ends, and ends it', async () => {
    await expect(checkWithin(5_000, 'while (true) await setTimeout(100);')).rejects.toThrow(
      /still running after 5000 ms/,
    );
  });
});
