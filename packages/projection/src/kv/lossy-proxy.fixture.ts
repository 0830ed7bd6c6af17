import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and treats what is on its way as networks and frozen processes do. */
export interface LossyProxy {
  readonly url: string;
  /** From now on the server hears everything and the client nothing, until the connection is cut. */
  loseAnswers(): void;
  /** Resolves once the client has sent this text, up to which the server has heard it; the rest waits for `thaw`. */
  freezeAt(text: string): Promise<void>;
  thaw(): void;
  /** Cuts all connections; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

export async function startLossyProxy(port: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  let isLosing = false;
  let freezing: { readonly text: string; readonly reached: () => void } | undefined;
  let held: (() => void)[] | undefined;

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const at = freezing === undefined ? -1 : data.indexOf(freezing.text);
      if (held === undefined && at >= 0) {
        upstream.write(data.subarray(0, at));
        held = [() => upstream.write(data.subarray(at))];
        freezing?.reached();
        freezing = undefined;
      } else if (held !== undefined) held.push(() => upstream.write(data));
      else upstream.write(data);
    });
    upstream.on('data', (data) => isLosing || client.write(data));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const socket of sockets) socket.destroy();
    isLosing = false;
  }

  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswers() {
      isLosing = true;
    },
    freezeAt: (text) =>
      new Promise((reached) => {
        freezing = { text, reached };
      }),
    thaw() {
      const waiting = held ?? [];
      held = undefined;
      for (const write of waiting) write();
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
