import { describe, expect, it } from 'vitest';
import { blogForTests, problem, unknownId } from '../blog.fixture.ts';

const { call, user } = blogForTests();

describe('a user', () => {
  it('is registered under an id, and shown with the revision', async () => {
    const { status, headers, body } = await call('POST', '/users', { json: { name: 'Ada' } });
    const { id } = body as { id: string };
    expect(status).toBe(201);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(headers.get('location')).toBe(`/users/${id}`);
    const shown = await call('GET', `/users/${id}`);
    expect(shown).toMatchObject({ status: 200, body: { id, name: 'Ada' } });
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('is renamed, which makes a new revision', async () => {
    const id = await user();
    const renamed = await call('PATCH', `/users/${id}`, { json: { name: 'Ada Lovelace' } });
    expect(renamed).toMatchObject({ status: 200, body: { id, name: 'Ada Lovelace' } });
    expect(renamed.headers.get('etag')).toBe('"2"');
    expect((await call('GET', `/users/${id}`)).body).toEqual({ id, name: 'Ada Lovelace' });
    const same = await call('PATCH', `/users/${id}`, { json: { name: 'Ada Lovelace' } });
    expect(same.headers.get('etag')).toBe('"2"');
  });

  it('keeps any name as it is', async () => {
    const names = [
      '.',
      '*',
      '>',
      'a.b.*',
      '__proto__',
      'constructor',
      ' x ',
      '👩‍💻 Zoë',
      'a\u001b\nb',
      '%2e',
      'ü'.repeat(200),
    ];
    for (const name of names) {
      const id = await user(name);
      expect((await call('GET', `/users/${id}`)).body).toEqual({ id, name });
    }
  });

  it('that nobody registered is a 404, whatever the id looks like', async () => {
    const ids = [
      unknownId,
      '.',
      '*',
      '>',
      'a.b',
      '__proto__',
      '👩‍💻',
      'x'.repeat(90),
      'x'.repeat(10_000),
      ' ',
      'a/b',
      '\u0000',
    ];
    for (const id of ids) {
      const path = id === '.' ? '/users/%2e' : `/users/${encodeURIComponent(id)}`;
      expect(await call('GET', path)).toMatchObject(problem(404));
      expect(await call('PATCH', path, { json: { name: 'x' } })).toMatchObject(problem(404));
    }
    expect(await call('GET', '/users/%ZZ')).toMatchObject(problem(400));
    expect(await call('GET', '/users/%ED%A0%80')).toMatchObject(problem(400));
  });
});

describe('a broken body is a 400 that names the field:', () => {
  it.each([
    ['no body', undefined, 'name'],
    ['no field', {}, 'name'],
    ['null', null, 'name'],
    ['another type', { name: 7 }, 'name'],
    ['an empty text', { name: '' }, 'name'],
    ['a blank text', { name: ' \t' }, 'name'],
    ['too long a text', { name: 'x'.repeat(201) }, 'name'],
    ['10 kB', { name: 'x'.repeat(10_000) }, 'name'],
    ['half of a character', { name: '\ud83d' }, 'name'],
    ['NUL, which PostgreSQL cannot keep', { name: 'a\u0000b' }, 'name'],
    ['an unknown field', { name: 'Ada', admin: true }, 'admin'],
    ['a list', ['Ada'], '(body)'],
  ])('%s', async (_, json, field) => {
    expect(await call('POST', '/users', { json })).toMatchObject(problem(400, field));
    expect(await call('PATCH', `/users/${unknownId}`, { json })).toMatchObject(problem(400, field));
  });

  it('or says that it is no JSON', async () => {
    for (const raw of ['{', '{"name":', "{'name':'Ada'}", '{"__proto__":{"name":"x"}}', 'Ada', '\u0000']) {
      expect(await call('POST', '/users', { raw })).toMatchObject(problem(400));
    }
  });
});
