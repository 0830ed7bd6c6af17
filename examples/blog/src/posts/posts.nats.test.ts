import { describe, expect, it } from 'vitest';
import { blogForTests, problem, unknownId } from '../blog.fixture.ts';
import { publishingBy } from './publishing.fixture.ts';

const { call, user, post, comment } = blogForTests();
const { publish } = publishingBy(call);

describe('a post', () => {
  it('is drafted, edited and published', async () => {
    const ada = await user('Ada');
    const id = await post(ada, 'Hello', 'World');
    const author = { id: ada, name: 'Ada' };
    const draft = { id, title: 'Hello', body: 'World', author, published: false, comments: [] };
    expect(await call('GET', `/posts/${id}`)).toMatchObject({ status: 200, body: draft });

    const edited = await call('PATCH', `/posts/${id}`, { json: { title: 'Hello again' } });
    expect(edited).toMatchObject({ status: 200, body: { title: 'Hello again', body: 'World' } });
    expect(edited.headers.get('etag')).toBe('"2"');
    await call('PATCH', `/posts/${id}`, { json: { body: 'All' } });

    await publish(id);
    const shown = await call('GET', `/posts/${id}`);
    // Its slug was reserved before.
    expect(shown.headers.get('etag')).toBe('"5"');
    expect(shown.body).toMatchObject({
      title: 'Hello again',
      body: 'All',
      published: true,
      publishedAt: expect.any(String),
      slug: 'hello-again',
    });
    const headers = { 'if-match': '"5"' };
    const renamed = await call('PATCH', `/posts/${id}`, { json: { title: 'Later' }, headers });
    expect(renamed.headers.get('etag')).toBe('"6"');
    expect((await call('GET', `/posts/${id}`)).body).toMatchObject({ title: 'Later', slug: 'hello-again' });
  });

  it('published twice is a conflict', async () => {
    const id = await post(await user());
    await publish(id);
    expect(await call('POST', `/posts/${id}/publish`)).toMatchObject(problem(409));
    // Also with a type and nothing of it, as clients send that set it once for all.
    const headers = { 'content-type': 'application/json' };
    expect(await call('POST', `/posts/${id}/publish`, { headers })).toMatchObject(problem(409));
  });

  it('is listed, the newest first, all or by whether it is published', async () => {
    const ada = await user('Ada');
    const [older, newer] = [await post(ada, 'older'), await post(ada, 'newer')];
    await publish(older);
    const idsOf = async (query = '') =>
      ((await call('GET', `/posts${query}`)).body as { id: string }[])
        .map(({ id }) => id)
        .filter((id) => id === older || id === newer);
    expect(await idsOf()).toEqual([newer, older]);
    expect(await idsOf('?published=true')).toEqual([older]);
    expect(await idsOf('?published=false')).toEqual([newer]);
    expect((await call('GET', '/posts')).body).toContainEqual({
      id: newer,
      title: 'newer',
      author: { id: ada, name: 'Ada' },
      published: false,
    });
    expect(await call('GET', '/posts?published=maybe')).toMatchObject(problem(400, 'published'));
  });

  it('gets the new name of its author and of who commented, through the event', async () => {
    const [ada, bob] = [await user('Ada'), await user('Bob')];
    const id = await post(ada);
    const said = await comment(id, bob, 'First');
    await call('PATCH', `/users/${ada}`, { json: { name: 'Ada L.' } });
    await call('PATCH', `/users/${bob}`, { json: { name: 'Robert' } });
    expect((await call('GET', `/posts/${id}`)).body).toMatchObject({
      author: { id: ada, name: 'Ada L.' },
      comments: [{ id: said, author: { id: bob, name: 'Robert' }, text: 'First' }],
    });
    expect((await call('GET', '/posts')).body).toContainEqual(
      expect.objectContaining({ id, author: { id: ada, name: 'Ada L.' } }),
    );
  });

  it('keeps any text as it is', async () => {
    const ada = await user();
    const title = '*.> __proto__ 👩‍💻\u0001';
    const body = `${'🪶 '.repeat(30_000)}\r\n`;
    const id = await post(ada, title, body);
    expect((await call('GET', `/posts/${id}`)).body).toMatchObject({ title, body });
  });

  it('of an author, or with an id, that nobody knows is a 404', async () => {
    for (const authorId of [unknownId, 'nobody', '__proto__', '*', 'x'.repeat(10_000)]) {
      const json = { authorId, title: 't', body: 'b' };
      expect(await call('POST', '/posts', { json })).toMatchObject(problem(404, 'authorId'));
    }
    for (const id of [unknownId, '*', '__proto__', 'x'.repeat(10_000)]) {
      const path = `/posts/${encodeURIComponent(id)}`;
      expect(await call('GET', path)).toMatchObject(problem(404));
      expect(await call('PATCH', path, { json: { title: 'x' } })).toMatchObject(problem(404));
      expect(await call('POST', `${path}/publish`)).toMatchObject(problem(404));
    }
  });

  it('with a broken body is a 400 that names each field', async () => {
    const id = await post(await user());
    expect(await call('POST', '/posts', { json: {} })).toMatchObject(
      problem(400, 'authorId', 'title', 'body'),
    );
    expect(await call('POST', '/posts', { json: { authorId: 1, title: '', body: [] } })).toMatchObject(
      problem(400, 'authorId', 'title', 'body'),
    );
    expect(await call('PATCH', `/posts/${id}`, { json: { titel: 'x' } })).toMatchObject(
      problem(400, 'titel'),
    );
    expect(await call('PATCH', `/posts/${id}`, { json: {} })).toMatchObject(problem(400, '(body)'));
    expect(await call('PATCH', `/posts/${id}`, { json: { title: null } })).toMatchObject(
      problem(400, 'title'),
    );
  });
});
