import { afterAll, beforeAll, expect } from 'vitest';
import { type Blog, startBlog } from './blog.ts';
import { newDataDir } from './database/empty-database.fixture.ts';
import { readSettings } from './settings.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string | undefined;
  readonly body: never;
}

export interface Sent {
  readonly json?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Call = (method: string, path: string, sent?: Sent) => Promise<Answer>;

/** A client of a blog at the URL that is known when the call is made. */
export function client(url: () => string): Call {
  return async (method, path, { json, raw, headers = {} } = {}) => {
    const body = json === undefined ? raw : JSON.stringify(json);
    const response = await fetch(url() + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    });
    const [type] = response.headers.get('content-type')?.split(';') ?? [];
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      type,
      body: (type?.endsWith('json') ? JSON.parse(text) : text) as never,
    };
  };
}

/** One blog for the tests of a file, on a server and a folder of its own. */
export function blogForTests(env: NodeJS.ProcessEnv = {}) {
  let blog: Blog;
  beforeAll(async () => {
    const config = readSettings(
      { PORT: '0', PIPIT_DATA_DIR: await newDataDir(), LOG_LEVEL: 'silent', ...env },
      '',
    );
    blog = await startBlog({ config, signals: false });
  });
  afterAll(() => blog.stop());
  const call = client(() => blog.url);

  async function create(path: string, json: unknown): Promise<string> {
    const { status, body, headers } = await call('POST', path, { json });
    expect({ status, body }).toMatchObject({ status: 201, body: { id: expect.any(String) } });
    expect(headers.get('etag')).toBe('"1"');
    return (body as { id: string }).id;
  }

  return {
    url: () => blog.url,
    call,
    /** Turns the moderation. */
    async moderate(mode: string) {
      const headers = { authorization: `Bearer ${blog.adminToken}` };
      const turned = await call('POST', '/admin/moderation', { json: { mode }, headers });
      expect(turned).toMatchObject({ status: 200, body: { mode } });
    },
    /** Calls as the administrator. */
    admin: (method: string, path: string, sent: Sent = {}) =>
      call(method, `/admin${path}`, {
        ...sent,
        headers: { authorization: `Bearer ${blog.adminToken}`, ...sent.headers },
      }),
    user: (name = 'Ada') => create('/users', { name }),
    post: (authorId: string, title = 'Hello', body = 'World') => create('/posts', { authorId, title, body }),
    comment: (postId: string, authorId: string, text = 'Nice') =>
      create(`/posts/${postId}/comments`, { authorId, text }),
  };
}

/** What a problem looks like from outside. */
export function problem(status: number, ...fields: readonly string[]) {
  return {
    status,
    type: 'application/problem+json',
    body: {
      type: 'about:blank',
      status,
      code: expect.stringMatching(/^[A-Z_]+$/),
      title: expect.any(String),
      detail: expect.any(String),
      ...(fields.length > 0 && {
        errors: expect.arrayContaining(fields.map((field) => ({ field, message: expect.any(String) }))),
      }),
    },
  };
}

/** The operation that an answer to a write names. */
export function operationId({ headers }: Answer): string {
  expect(headers.get('operation-id')).toMatch(/^op_[0-9a-f-]{36}$/);
  return String(headers.get('operation-id'));
}

export const unknownId = '01900000-0000-7000-8000-000000000000';
