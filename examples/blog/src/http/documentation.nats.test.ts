import { describe, expect, it } from 'vitest';
import { blogForTests } from '../blog.fixture.ts';

const { call, url } = blogForTests();

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: object; readonly headers?: object }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

async function document(): Promise<Document> {
  const { status, type, body } = await call('GET', '/openapi.json');
  expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
  return body;
}

describe('/openapi.json', () => {
  it('describes every endpoint, with its body, its answers and its problems', async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe('3.1.0');
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(
        ([method, { responses }]) => `${method} ${path} ${Object.keys(responses).join(' ')}`,
      ),
    );
    expect(described.sort()).toEqual([
      'get /admin/dead-letters 200 400 401 503',
      'get /admin/moderation 200 401 503',
      'get /admin/notifications 200 401 503',
      'get /livez 200',
      'get /operations/{id} 200 404 503',
      'get /posts 200 400 503',
      'get /posts/{id} 200 400 404 503',
      'get /readyz 200 503',
      'get /sagas 200 400 503',
      'get /sagas/{id} 200 404 503',
      'get /users/{id} 200 400 404 503',
      'patch /posts/{id} 200 400 404 409 412 413 415 503',
      'patch /users/{id} 200 400 404 409 412 413 415 503',
      'post /admin/dead-letters/{id}/redrive 202 401 404 409 503',
      'post /admin/moderation 200 400 401 413 415 503',
      'post /admin/notifications 200 400 401 413 415 503',
      'post /admin/sagas/{id}/abandon 202 401 404 409 503',
      'post /admin/sagas/{id}/retry 202 401 404 409 503',
      'post /admin/sagas/{id}/skip 202 401 404 409 503',
      'post /posts 201 400 404 409 413 415 503',
      'post /posts/{id}/publish 202 400 404 409 412 503',
      'post /posts/{postId}/comments 201 400 404 409 413 415 503',
      'post /users 201 400 409 413 415 503',
    ]);
  });

  it('holds together: parameters are declared, references lead somewhere, problems have their type', async () => {
    const { paths, components } = await document();
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { summary, parameters = [], requestBody, responses }] of Object.entries(
        operations,
      )) {
        expect(summary).toBeTruthy();
        const declared = parameters.filter((parameter) => parameter.in === 'path' && parameter.required);
        expect(declared.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        expect(requestBody !== undefined).toBe(
          method !== 'get' && !/\/(publish|redrive|retry|skip|abandon)$/.test(path),
        );
        for (const [status, { description, content = {} }] of Object.entries(responses)) {
          expect(description).toBeTruthy();
          expect(Object.keys(content)).toEqual([
            Number(status) < 400 ? 'application/json' : 'application/problem+json',
          ]);
        }
      }
    }
    const references = JSON.stringify(paths).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...references].map(([, name]) => name));
    expect(names).toContain('Problem');
    for (const name of names) expect(components.schemas).toHaveProperty([String(name)]);
  });
});

it('/openapi.json says what answers to writes of the blog are named by', async () => {
  const { paths } = await document();
  const place = (status: string) => (status === '202' ? 'Location' : 'ETag');
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const isWrite = method !== 'get' && !path.startsWith('/admin/');
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        const named = isWrite && Number(status) < 400 ? [place(status), 'Position', 'Operation-Id'] : [];
        expect(Object.keys(headers), `${method} ${path} ${status}`).toEqual(expect.arrayContaining(named));
      }
    }
  }
});

it('/openapi.json says which routes ask for a token', async () => {
  const { body } = await call('GET', '/openapi.json');
  const { paths, components } = body as {
    paths: Record<string, Record<string, { security?: unknown }>>;
    components: { securitySchemes: unknown };
  };
  expect(components.securitySchemes).toEqual({ admin: { type: 'http', scheme: 'bearer' } });
  for (const [path, routes] of Object.entries(paths)) {
    for (const { security } of Object.values(routes)) {
      expect(security).toEqual(path.startsWith('/admin/') ? [{ admin: [] }] : undefined);
    }
  }
});

describe('/docs', () => {
  it('is a page whose every part is served from here, so that it works offline', async () => {
    const page = await call('GET', '/docs');
    expect(page).toMatchObject({ status: 200, type: 'text/html' });
    const html = String(page.body);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => String(part));
    expect(parts.length).toBeGreaterThan(4);
    for (const part of parts) {
      const target = new URL(part, `${url()}/docs`);
      expect(target.origin).toBe(url());
      const response = await fetch(target);
      expect({ part, status: response.status }).toEqual({ part, status: 200 });
      expect((await response.bytes()).length).toBeGreaterThan(0);
    }
    expect(parts.some((part) => part.endsWith('swagger-ui-bundle.js'))).toBe(true);
  });

  it('shows the same document', async () => {
    expect((await call('GET', '/docs/json')).body).toEqual(await document());
  });
});
