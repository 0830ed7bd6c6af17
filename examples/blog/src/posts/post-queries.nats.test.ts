import { describe, expect, it } from 'vitest';
import { blogForTests, problem } from '../blog.fixture.ts';
import { publishingBy } from './publishing.fixture.ts';

const { call, user, post, comment } = blogForTests();
const { publish } = publishingBy(call);

/** Ids of all posts, page by page, as a client finds them that follows the links. */
async function followed(path: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer = await call('GET', next);
    expect(answer.status).toBe(200);
    pages.push((answer.body as { id: string }[]).map(({ id }) => id));
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

describe('a list of posts', () => {
  it('comes in pages, the newest first, each naming the next', async () => {
    const ada = await user();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await post(ada, `Page ${n}`));
    for (const id of [ids[1], ids[3]]) await publish(String(id));
    const [first, second, third, fourth] = ids.toReversed();
    expect((await followed('/posts?limit=2')).slice(0, 2)).toEqual([
      [first, second],
      [third, fourth],
    ]);
    expect((await followed('/posts?published=true&limit=1')).slice(0, 2)).toEqual([[ids[3]], [ids[1]]]);
    expect((await call('GET', '/posts?limit=1000')).headers.get('link')).toBeNull();
  });

  it('is a 400 that names the field where the page makes no sense', async () => {
    for (const limit of ['0', '1001', '-1', '1.5', 'ten', '', '1e2']) {
      expect(await call('GET', `/posts?limit=${limit}`)).toMatchObject(problem(400, 'limit'));
    }
    for (const query of ['after=12', 'after=', 'search=a&after=12', 'after=%00', 'after=W10']) {
      expect(await call('GET', `/posts?${query}`)).toMatchObject(problem(400, 'after'));
    }
    expect(await call('GET', '/posts?page=2')).toMatchObject(problem(400, 'page'));
    expect(await call('GET', '/posts?limit=1&limit=2')).toMatchObject(problem(400, 'limit'));
  });
});

describe('a search', () => {
  it('finds posts by the words of title and body, those that fit best first, page by page', async () => {
    const ada = await user('Ada');
    const once = await post(ada, 'On birds', 'A heron stands in the reeds.');
    const twice = await post(ada, 'Heron, heron', 'The heron again');
    await post(ada, 'Nothing of it', 'Swans only');
    const found = await call('GET', '/posts?search=HERON');
    expect(found.body).toEqual([
      { id: twice, title: 'Heron, heron', author: { id: ada, name: 'Ada' }, published: false },
      { id: once, title: 'On birds', author: { id: ada, name: 'Ada' }, published: false },
    ]);
    expect(await followed('/posts?search=heron&limit=1')).toEqual([[twice], [once]]);
    expect(await followed('/posts?search=heron%20-reeds')).toEqual([[twice]]);
    expect(await followed('/posts?search=%22in%20the%20reeds%22')).toEqual([[once]]);

    await call('PATCH', `/posts/${twice}`, { json: { title: 'Gone', body: 'away' } });
    expect(await followed('/posts?search=heron')).toEqual([[once]]);
  });

  it('takes whatever is typed, and is a 400 where nothing is or it is too much', async () => {
    for (const words of [
      "'; DROP TABLE posts; --",
      '& | ! :* <->',
      '"',
      '%',
      'or',
      '-',
      '🪶',
      'nowhere-to-be-found',
    ]) {
      expect(await call('GET', `/posts?search=${encodeURIComponent(words)}`)).toMatchObject({
        status: 200,
        body: [],
      });
    }
    for (const words of ['', '%20', '%00', 'x'.repeat(201)]) {
      expect(await call('GET', `/posts?search=${words}`)).toMatchObject(problem(400, 'search'));
    }
    expect(await call('GET', '/posts?search=a&search=b')).toMatchObject(problem(400, 'search'));
    expect(await call('GET', '/posts?search=a&published=true')).toMatchObject(problem(400, 'published'));
  });
});

describe('the position of a write', () => {
  it('is named by every answer to one, and what was written is shown after it', async () => {
    const ada = await call('POST', '/users', { json: { name: 'Ada' } });
    const authorId = (ada.body as { id: string }).id;
    const drafted = await call('POST', '/posts', { json: { authorId, title: 'Hello', body: 'World' } });
    const { id } = drafted.body as { id: string };
    const answers = [
      ada,
      await call('PATCH', `/users/${authorId}`, { json: { name: 'Ada L.' } }),
      drafted,
      await call('PATCH', `/posts/${id}`, { json: { title: 'Hello again' } }),
      await publish(id),
      await call('POST', `/posts/${id}/comments`, { json: { authorId, text: 'First' } }),
    ];
    const positions = answers.map(({ headers }) => Number(headers.get('position')));
    expect(positions.every((position) => Number.isSafeInteger(position) && position > 0)).toBe(true);
    expect(new Set(positions).size).toBe(6);
    expect((await call('GET', `/posts/${id}?after=${Math.max(...positions)}`)).body).toMatchObject({
      title: 'Hello again',
      published: true,
      comments: [{ text: 'First' }],
    });
  });

  it('that is not reached in time is a 503 that says how far the view is', async () => {
    const ada = await user();
    const id = await post(ada);
    await comment(id, ada);
    const begun = performance.now();
    const late = await call('GET', `/posts/${id}?after=900000000000000`);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(late).toMatchObject(problem(503));
    expect(late.headers.get('retry-after')).toBe('1');
    expect((late.body as { detail: string }).detail).toMatch(
      /^The view of posts is at position \d+, and not at 900000000000000 yet/,
    );
  });

  it('that is none is a 400', async () => {
    const id = await post(await user());
    for (const after of ['-1', 'x', '', '1.5', '1e3', '0x10', '%201', '9007199254740993', '1&after=2']) {
      expect(await call('GET', `/posts/${id}?after=${after}`)).toMatchObject(problem(400, 'after'));
    }
    expect(await call('GET', `/posts/${id}?before=1`)).toMatchObject(problem(400, 'before'));
    expect((await call('GET', `/posts/${id}?after=0`)).status).toBe(200);
  });
});
