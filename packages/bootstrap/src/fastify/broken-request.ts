import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { createProblem, problemType } from '../http/problem.ts';

const refusals = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    detail: 'The request did not arrive in time.',
  },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'HEADERS_TOO_LARGE', detail: 'The headers are too large.' },
} as const;
const broken = { status: 400, code: 'MALFORMED_REQUEST', detail: 'This is no HTTP request.' };

/** Answers what is not a request, or not all of one, and hangs up: there is no request yet that could be answered. */
export function answerBrokenRequest({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = Object.hasOwn(refusals, code ?? '') ? refusals[code as keyof typeof refusals] : broken;
  const body = JSON.stringify(createProblem(refusal));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nConnection: close\r\n` +
      `Content-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
