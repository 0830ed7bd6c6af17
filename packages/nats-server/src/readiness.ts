import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ReadinessTarget {
  readonly port: number;
  readonly monitorPort: number;
  readonly jetStream: boolean;
  /** A member of a cluster can be up while the cluster has no quorum yet, and then no API answers. */
  readonly clustered: boolean;
}

interface ServerInfo {
  readonly server_id: string;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
}

/**
 * Resolves when the server answers: a request to the JetStream API over a connection of its own is answered, its
 * health check says so, and what answers on both ports is the same server. Where the server wants credentials
 * the health check has to do. Rejects with the last reason when the signal is aborted.
 */
export async function untilReady(target: ReadinessTarget, signal: AbortSignal): Promise<void> {
  let last: unknown;
  while (!signal.aborted) {
    try {
      await probe(target, signal);
      return;
    } catch (error) {
      if (!signal.aborted || last === undefined) last = error;
      // Rejects only when the signal is aborted, which ends the loop.
      await delay(10, undefined, { signal }).catch(() => undefined);
    }
  }
  throw last ?? signal.reason;
}

async function probe(target: ReadinessTarget, signal: AbortSignal): Promise<void> {
  const { port, jetStream, clustered } = target;
  const monitorUrl = `http://127.0.0.1:${target.monitorPort}`;
  const attempt = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
  const only = jetStream && clustered ? '?js-enabled-only=true' : '';
  const info = await exchange(port, jetStream && !clustered, attempt);
  await getMonitor(monitorUrl, `/healthz${only}`, attempt);
  const { server_id } = (await getMonitor(monitorUrl, '/varz', attempt)) as ServerInfo;
  if (info.server_id !== server_id) throw new Error(`another server answers on port ${port}`);
}

/** The JSON a monitoring endpoint answers with. */
export async function getMonitor(monitorUrl: string, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${monitorUrl}${path}`, { signal });
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${body}`);
  return JSON.parse(body);
}

const INBOX = '_INBOX.pipit';

/** Reads the server's greeting and, where it lets anybody in, has a request answered. */
async function exchange(port: number, jetStream: boolean, signal: AbortSignal): Promise<ServerInfo> {
  const request = jetStream ? `PUB $JS.API.INFO ${INBOX} 0\r\n\r\n` : 'PING\r\n';
  const hello =
    'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"name":"pipit-ready"}';
  const socket = connect({ port, host: '127.0.0.1', signal });
  try {
    let received = '';
    let info: ServerInfo | undefined;
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1');
      if (info === undefined) {
        const [, json] = /^INFO (.*)\r\n/.exec(received) ?? [];
        if (json === undefined) continue;
        info = JSON.parse(json) as ServerInfo;
        if (info.auth_required || info.tls_required) return info;
        socket.write(`${hello}\r\nSUB ${INBOX} 1\r\n${request}`);
      }
      if (/^-ERR .*\r\n/m.test(received)) throw new Error(`the server answered ${received.trim()}`);
      if (jetStream && received.includes(`\r\nHMSG ${INBOX}`))
        throw new Error('the JetStream API does not answer yet');
      if (jetStream ? received.includes(`\r\nMSG ${INBOX}`) : received.includes('\r\nPONG\r\n')) return info;
    }
    throw new Error(`port ${port} closed the connection`);
  } finally {
    socket.destroy();
  }
}
