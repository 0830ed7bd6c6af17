import { expect } from 'vitest';
import type { Answer, Call } from '../blog.fixture.ts';

interface Saga {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly waitingFor?: { readonly step: string };
  readonly history: readonly {
    readonly what: string;
    readonly step?: string;
    readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
  }[];
}

/** What tests of publishing do and look at, by the calls of a client. */
export function publishingBy(call: Call) {
  async function begin(postId: string): Promise<string> {
    const answer = await call('POST', `/posts/${postId}/publish`);
    const { status, body, headers } = answer;
    expect({ status, body }).toEqual({ status: 202, body: { sagaId: expect.any(String) } });
    const { sagaId } = body as { sagaId: string };
    expect(headers.get('location')).toBe(`/sagas/${sagaId}`);
    return sagaId;
  }

  async function saga(id: string): Promise<Saga> {
    const { status, body } = await call('GET', `/sagas/${id}`);
    expect(status).toBe(200);
    return body;
  }

  async function settled(id: string, patience = {}): Promise<Saga> {
    const state = async () => (await saga(id)).state;
    await expect.poll(state, patience).toMatch(/^(completed|compensated|needs-attention|abandoned)$/);
    return saga(id);
  }

  /** Until every view shows it. @returns the answer to the request */
  async function publish(postId: string): Promise<Answer> {
    const answer = await call('POST', `/posts/${postId}/publish`);
    expect(answer.status).toBe(202);
    const { state, history } = await settled((answer.body as { sagaId: string }).sagaId);
    expect({ state, history }).toMatchObject({ state: 'completed' });
    await expect
      .poll(async () => (await call('GET', `/posts/${postId}`)).body)
      .toMatchObject({ published: true });
    return answer;
  }

  return {
    begin,
    saga,
    settled,
    /** Begins, and waits for its end. */
    attempt: async (postId: string) => settled(await begin(postId)),
    publish,
    waitsFor: (id: string, step: string) =>
      expect.poll(async () => (await saga(id)).waitingFor).toMatchObject({ step }),
    post: async (id: string) => (await call('GET', `/posts/${id}`)).body as { published: boolean },
  };
}

/** The errors in the history of a saga, without repetitions. */
export function errorsOf({ history }: Saga): string[] {
  return [
    ...new Set(history.flatMap(({ error }) => (error === undefined ? [] : [error.code ?? error.name]))),
  ];
}
