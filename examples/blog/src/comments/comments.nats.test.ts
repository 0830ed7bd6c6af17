import { expect, it } from 'vitest';
import { blogForTests, problem, unknownId } from '../blog.fixture.ts';

const { call, user, post, comment } = blogForTests();

it('comments are shown with their post, in their order', async () => {
  const [ada, bob] = [await user('Ada'), await user('Bob')];
  const id = await post(ada);
  const first = await comment(id, bob, 'First 👍');
  const second = await comment(id, ada, 'Thanks');
  expect((await call('GET', `/posts/${id}`)).body).toMatchObject({
    comments: [
      { id: first, author: { id: bob, name: 'Bob' }, text: 'First 👍' },
      { id: second, author: { id: ada, name: 'Ada' }, text: 'Thanks' },
    ],
  });
});

it('a comment on a post, or by somebody, that does not exist is a 404', async () => {
  const ada = await user();
  const id = await post(ada);
  for (const unknown of [unknownId, '*', '__proto__', 'x'.repeat(10_000)]) {
    const path = `/posts/${encodeURIComponent(unknown)}/comments`;
    expect(await call('POST', path, { json: { authorId: ada, text: 'x' } })).toMatchObject(problem(404));
    expect(
      await call('POST', `/posts/${id}/comments`, { json: { authorId: unknown, text: 'x' } }),
    ).toMatchObject(problem(404, 'authorId'));
  }
});

it('a broken comment is a 400 that names the fields', async () => {
  const id = await post(await user());
  expect(await call('POST', `/posts/${id}/comments`, { json: {} })).toMatchObject(
    problem(400, 'authorId', 'text'),
  );
  expect(
    await call('POST', `/posts/${id}/comments`, { json: { authorId: 'x', text: 'x'.repeat(10_001) } }),
  ).toMatchObject(problem(400, 'text'));
});
