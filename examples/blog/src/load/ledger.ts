import type { Get } from './blog-client.ts';

/** What an acknowledged write must have left behind. */
export interface Entry {
  readonly path: string;
  readonly revision: number;
  /** What is shown at this revision; a later one shows something else. */
  readonly shows: Readonly<Record<string, string>>;
}

/** Every write that was acknowledged. */
export interface Ledger {
  readonly users: readonly string[];
  readonly posts: readonly string[];
  readonly size: number;
  user(id: string, revision: number, name: string): void;
  post(id: string, revision: number, changes: { readonly title?: string; readonly body?: string }): void;
  comment(postId: string, id: string): void;
  saga(id: string): void;
  /** Looks each of them up, and says what is not there. */
  missing(get: Get): Promise<string[]>;
}

const ended = new Set(['completed', 'compensated']);
/** How many are looked up at a time. */
const atOnce = 20;

export function createLedger(): Ledger {
  const users: string[] = [];
  const posts: string[] = [];
  const latest = new Map<string, Entry>();
  const comments = new Map<string, Set<string>>();
  const sagas = new Set<string>();
  let size = 0;

  /** Answers to two writes of one thing may come in another order than the writes. */
  function note(entry: Entry): void {
    size += 1;
    const before = latest.get(entry.path);
    if (before === undefined || before.revision < entry.revision) latest.set(entry.path, entry);
  }

  async function lookUp(get: Get, entry: Entry): Promise<string[]> {
    const { status, revision, body } = await get(entry.path);
    if (status !== 200) return [`${entry.path}: ${status}`];
    const shown = body as Readonly<Record<string, unknown>>;
    const ids = new Set((shown['comments'] as { id: string }[] | undefined)?.map(({ id }) => id));
    const lost = [...(comments.get(entry.path) ?? [])].filter((id) => !ids.has(id));
    const stale =
      revision < entry.revision ? [`${entry.path}: at revision ${revision}, not ${entry.revision}`] : [];
    const wrong = Object.entries(entry.shows)
      .filter(([name, value]) => revision === entry.revision && shown[name] !== value)
      .map(([name]) => `${entry.path}: another ${name}`);
    return [...stale, ...wrong, ...lost.map((id) => `${entry.path}: comment ${id}`)];
  }

  async function lookUpSaga(get: Get, id: string): Promise<string[]> {
    const path = `/sagas/${id}`;
    const { status, body } = await get(path);
    const { state } = body as { readonly state?: string };
    return status === 200 && ended.has(state ?? '') ? [] : [`${path}: ${status} ${state}`];
  }

  return {
    users,
    posts,
    get size() {
      return size;
    },
    user(id, revision, name) {
      if (revision === 1) users.push(id);
      note({ path: `/users/${id}`, revision, shows: { name } });
    },
    post(id, revision, changes) {
      if (revision === 1) posts.push(id);
      note({ path: `/posts/${id}`, revision, shows: changes });
    },
    comment(postId, id) {
      size += 1;
      const path = `/posts/${postId}`;
      const known = comments.get(path) ?? new Set();
      comments.set(path, known.add(id));
    },
    saga(id) {
      size += 1;
      sagas.add(id);
    },
    async missing(get) {
      const left = [
        ...[...latest.values()].map((entry) => () => lookUp(get, entry)),
        ...[...sagas].map((id) => () => lookUpSaga(get, id)),
      ].values();
      const found: string[] = [];
      const lookingUp = Array.from({ length: atOnce }, async () => {
        for (const look of left) found.push(...(await look()));
      });
      await Promise.all(lookingUp);
      return found;
    },
  };
}
