import { expect, it } from 'vitest';
import { blogForTests, problem } from '../blog.fixture.ts';

const { admin } = blogForTests();

it('the moderation begins with accepting, and is turned', async () => {
  const now = () => admin('GET', '/moderation');
  expect(await now()).toMatchObject({ status: 200, body: { mode: 'accept' } });
  for (const mode of ['refuse', 'fail', 'hang', 'accept']) {
    expect(await admin('POST', '/moderation', { json: { mode } })).toMatchObject({
      status: 200,
      body: { mode },
    });
    expect((await now()).body).toEqual({ mode });
  }
});

it('a moderation that there is not is a 400 that names the field, and changes nothing', async () => {
  for (const [json, field] of [
    [undefined, 'mode'],
    [{}, 'mode'],
    [{ mode: 'ACCEPT' }, 'mode'],
    [{ mode: ['accept'] }, 'mode'],
    [{ mode: null }, 'mode'],
    [{ mode: 'fail', more: 1 }, 'more'],
    ['fail', '(body)'],
  ] as const) {
    expect(await admin('POST', '/moderation', { json })).toMatchObject(problem(400, field));
  }
  expect((await admin('GET', '/moderation')).body).toEqual({ mode: 'accept' });
});
