import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const program = `
import { registerHooks } from 'node:module';
import test from 'node:test';

registerHooks({
  resolve(specifier, context, next) {
    if (/^(vitest|zod|@nats-io\\/.*)$/.test(specifier)) throw new Error(specifier + ' is not installed');
    return next(specifier, context);
  },
});
const { defineEvent } = await import('@pipit/types-registry');
const { defineAggregate } = await import('@pipit/store');
const { given } = await import('@pipit/store/spec');

const schema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } };
const Noted = defineEvent('noted', schema);
const Note = defineAggregate('note', { events: [Noted], initial: '', evolve: { noted: (_, { data }) => data } });

test('a note', () => {
  given(Note, [Noted.create('old')]).when((text) => Noted.create(text + '!')).then([Noted.create(process.env.WANTED)]);
});
`;

function runTests(wanted: string) {
  const { NODE_TEST_CONTEXT: _, ...outside } = process.env;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    env: { ...outside, WANTED: wanted },
    encoding: 'utf8',
  });
}

it('runs under another test runner, without any optional peer', () => {
  const { status, stdout, stderr } = runTests('old!');
  expect(stdout, stderr).toMatch(/pass 1$/m);
  expect(status).toBe(0);
});

it('fails under another test runner, with the differences', () => {
  const { status, stdout } = runTests('new!');
  expect(stdout).toContain('Given 1 event, the decision was to lead to noted, but led to something else');
  expect(stdout).toMatch(/- +data: 'new!'/);
  expect(status).toBe(1);
});
