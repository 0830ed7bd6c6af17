import { Pool } from 'undici';

export interface Shown {
  readonly status: number;
  /** Of the `ETag`; 0 where there is none. */
  readonly revision: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

export type Get = (path: string) => Promise<Shown>;

export interface BlogClient {
  get: Get;
  /** @throws what the connection fails with */
  send(method: 'GET' | 'POST' | 'PATCH', path: string, json?: unknown): Promise<Shown>;
  close(): Promise<void>;
}

/** A client with so many connections, each with one request at a time. */
export function blogClient(url: string, connections: number): BlogClient {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 60_000 });

  async function send(method: 'GET' | 'POST' | 'PATCH', path: string, json?: unknown): Promise<Shown> {
    const answer = await pool.request({
      method,
      path,
      ...(json !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(json),
      }),
    });
    const text = await answer.body.text();
    const { etag, 'retry-after': retryAfter } = answer.headers;
    return {
      status: answer.statusCode,
      revision: Number(/"(\d+)"/.exec(String(etag))?.[1] ?? 0),
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  return { send, get: (path) => send('GET', path), close: () => pool.close() };
}
