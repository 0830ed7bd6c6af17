import { describe, expect, it } from 'vitest';
import { blogForTests, problem } from '../blog.fixture.ts';
import { publishingBy } from '../posts/publishing.fixture.ts';

const { call, user, post } = blogForTests();
const { publish } = publishingBy(call);

describe('If-Match', () => {
  it('with the present revision, a list that names it, or * lets the write happen', async () => {
    const id = await user();
    let revision = 1;
    for (const header of ['"1"', '"1", "2"', '*', 'W/"x" ,"4"']) {
      const renamed = await call('PATCH', `/users/${id}`, {
        json: { name: `name ${revision}` },
        headers: { 'if-match': header },
      });
      revision += 1;
      expect(renamed.status).toBe(200);
      expect(renamed.headers.get('etag')).toBe(`"${revision}"`);
    }
  });

  it('with another revision is a 412, and nothing is written', async () => {
    const ada = await user();
    const id = await post(ada);
    for (const header of ['"0"', '"2"', '"01"', '"abc"', '""', 'W/"1"', '"99999999999999999999"']) {
      const headers = { 'if-match': header };
      expect(await call('PATCH', `/users/${ada}`, { json: { name: 'x' }, headers })).toMatchObject(
        problem(412),
      );
      expect(await call('PATCH', `/posts/${id}`, { json: { title: 'x' }, headers })).toMatchObject(
        problem(412),
      );
      expect(await call('POST', `/posts/${id}/publish`, { headers })).toMatchObject(problem(412));
    }
    expect((await call('GET', `/users/${ada}`)).headers.get('etag')).toBe('"1"');
  });

  it('that is none is a 400', async () => {
    const id = await user();
    for (const header of ['1', '"1', '1"', '"1" "2"', '*, "1"', ',']) {
      const broken = await call('PATCH', `/users/${id}`, {
        json: { name: 'x' },
        headers: { 'if-match': header },
      });
      expect(broken).toMatchObject(problem(400, 'if-match'));
    }
  });

  it('makes one of several writers win; without it all do', async () => {
    const id = await user();
    const rename = (name: string, headers = {}) => call('PATCH', `/users/${id}`, { json: { name }, headers });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const guarded = await Promise.all(names.map((name) => rename(name, { 'if-match': '"1"' })));
    expect(guarded.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
    const free = await Promise.all(names.map((name) => rename(`${name}${name}`)));
    expect(free.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(free.map(({ headers }) => headers.get('etag')).sort()).toEqual([
      '"3"',
      '"4"',
      '"5"',
      '"6"',
      '"7"',
    ]);
  });

  it('lets a post be published once', async () => {
    const id = await post(await user());
    await publish(id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', `/posts/${id}/publish`)));
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
  });
});

describe('a request that does not fit is a problem:', () => {
  it('a type that is not JSON', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense']) {
      const sent = { raw: '{"name":"Ada"}', headers: { 'content-type': type } };
      expect(await call('POST', '/users', sent)).toMatchObject(problem(415));
    }
  });

  it('too large a body', async () => {
    const json = { name: 'x'.repeat(1_100_000) };
    expect(await call('POST', '/users', { json })).toMatchObject(problem(413));
  });

  it('a path or a method that there is not', async () => {
    expect(await call('GET', '/nowhere')).toMatchObject(problem(404));
    const other = await call('DELETE', '/posts');
    expect(other).toMatchObject(problem(405));
    expect(other.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    expect(await call('GET', '/users')).toMatchObject(problem(405));
    expect(await call('GET', '/users/')).toMatchObject(problem(404));
  });
});

it('says that it lives and is ready', async () => {
  expect(await call('GET', '/livez')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await call('GET', '/readyz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});
