import { pick, type Random } from '../random.ts';
import type { BlogClient, Shown } from './blog-client.ts';
import type { Ledger } from './ledger.ts';

/** What is done how often, of a hundred requests. */
const mix = {
  'show a post': 35,
  'list posts': 8,
  'search posts': 4,
  'show a user': 10,
  'register a user': 4,
  'rename a user': 4,
  'draft a post': 9,
  'edit a post': 5,
  comment: 19,
  publish: 2,
} as const;

export type Kind = keyof typeof mix;

export const kinds = Object.keys(mix) as Kind[];
export const reading: ReadonlySet<Kind> = new Set<Kind>([
  ...(['show a post', 'list posts', 'search posts', 'show a user'] as const),
]);
const deck = kinds.flatMap((kind) => Array.from({ length: mix[kind] }, () => kind));

export interface Visitor {
  choose(): Kind;
  /** Sends one request, and notes a write that is acknowledged. */
  visit(kind: Kind): Promise<Shown>;
}

/** Reads and writes as people would, and what they know of the blog is what it has acknowledged. */
export function createVisitor(client: BlogClient, ledger: Ledger, random: Random): Visitor {
  const { send } = client;
  const word = () => Math.floor(random() * 36 ** 6).toString(36);
  const text = (words: number) => Array.from({ length: words }, word).join(' ');
  const user = () => pick(random, ledger.users);
  const post = () => pick(random, ledger.posts);

  async function noting(answer: Promise<Shown>, note: (shown: Shown, id: string) => void): Promise<Shown> {
    const shown = await answer;
    if (shown.status < 300) note(shown, (shown.body as { readonly id: string }).id);
    return shown;
  }

  const doing: Record<Kind, () => Promise<Shown>> = {
    'show a post': () => send('GET', `/posts/${post()}`),
    'list posts': () => send('GET', '/posts?limit=20'),
    'search posts': () => send('GET', `/posts?limit=20&search=${word()}`),
    'show a user': () => send('GET', `/users/${user()}`),
    'register a user'() {
      const name = text(2);
      return noting(send('POST', '/users', { name }), (_, id) => ledger.user(id, 1, name));
    },
    'rename a user'() {
      const name = text(2);
      const path = `/users/${user()}`;
      return noting(send('PATCH', path, { name }), ({ revision }, id) => ledger.user(id, revision, name));
    },
    'draft a post'() {
      const draft = { title: text(5), body: text(100) };
      return noting(send('POST', '/posts', { authorId: user(), ...draft }), (_, id) =>
        ledger.post(id, 1, draft),
      );
    },
    'edit a post'() {
      const title = text(5);
      const path = `/posts/${post()}`;
      return noting(send('PATCH', path, { title }), ({ revision }, id) =>
        ledger.post(id, revision, { title }),
      );
    },
    comment() {
      const postId = post();
      const path = `/posts/${postId}/comments`;
      const json = { authorId: user(), text: text(20) };
      return noting(send('POST', path, json), (_, id) => ledger.comment(postId, id));
    },
    publish: () =>
      noting(send('POST', `/posts/${post()}/publish`), ({ body }) =>
        ledger.saga((body as { readonly sagaId: string }).sagaId),
      ),
  };

  return {
    choose: () => {
      if (ledger.users.length === 0) return 'register a user';
      return ledger.posts.length === 0 ? 'draft a post' : pick(random, deck);
    },
    visit: (kind) => doing[kind](),
  };
}
