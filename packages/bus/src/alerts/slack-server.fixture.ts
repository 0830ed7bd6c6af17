import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An incoming webhook on this machine that answers as it is told, and keeps what it took. */
export interface SlackServer {
  readonly url: string;
  /** Bodies, in the order they came, whatever was answered. */
  readonly bodies: { text: string; [field: string]: unknown }[];
  /** Milliseconds, by `performance.now`, when each came. */
  readonly times: number[];
  readonly requests: IncomingMessage[];
  /** How the next requests are answered; afterwards `ok`. */
  answers: Answer[];
  close(): Promise<void>;
}

export const secret = 'T000-B000-very-secret';

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('no_service');
const ok = status(200);
export const hang: Answer = () => {};
export const cut: Answer = (response) => response.socket?.destroy();
/** Begins an answer and never ends it. */
export const halfAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('o');
};

export async function startSlackServer(): Promise<SlackServer> {
  const bodies: SlackServer['bodies'] = [];
  const times: number[] = [];
  const requests: IncomingMessage[] = [];
  const http = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      times.push(performance.now());
      requests.push(request);
      bodies.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as SlackServer['bodies'][number]);
      (slack.answers.shift() ?? ok)(response, request);
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const slack: SlackServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/services/${secret}`,
    bodies,
    times,
    requests,
    answers: [],
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return slack;
}
