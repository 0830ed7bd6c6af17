import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Writes a line for each thing that is not as it should be: what failed, of which file, and the first line of why. It
 * also names what no list of tests has: hooks, files that could not be loaded, errors outside of all tests.
 */
export function failureList(outputFile: string): Reporter {
  return {
    onTestRunEnd(modules, unhandled) {
      const lines = [...modules.flatMap(failuresOf), ...unhandled.map(unhandledLine)];
      writeFileSync(outputFile, lines.map((line) => `${line}\n`).join(''));
    },
  };
}

function failuresOf(module: TestModule): string[] {
  const file = fileName(module.moduleId);
  const lines = module.errors().map((error) => `${file}: ${reason(error)}`);
  for (const suite of module.children.allSuites()) {
    lines.push(...suite.errors().map((error) => `${file} > ${suite.fullName}: ${reason(error)}`));
  }
  let notRun = 0;
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === 'failed') lines.push(`${file} > ${test.fullName}: ${reason(errors[0])}`);
    else if (state !== 'passed') notRun += 1;
  }
  // They may be many, where a hook failed.
  if (notRun > 0) lines.push(`${file}: ${notRun} of its tests did not run`);
  return lines;
}

function unhandledLine(error: SerializedError): string {
  const file = error['VITEST_TEST_PATH'];
  const where = typeof file === 'string' ? `${fileName(file)}: ` : '';
  return `${where}${error['type'] ?? 'Unhandled error'}: ${reason(error)}`;
}

/** The first line of the message, and of those of the errors behind it. */
function reason(error: Partial<SerializedError> | undefined): string {
  const { message = '', name = 'no reason given', cause } = error ?? {};
  const [first = name] = message.split('\n').filter((line) => line.trim() !== '');
  return cause === undefined ? first : `${first} (${reason(cause)})`;
}

function fileName(path: string): string {
  return relative(process.cwd(), path);
}
