import { MessageTooLargeError } from '../../command-errors.ts';
import type {
  Address,
  Answer,
  Listener,
  OpenTransport,
  OutgoingRequest,
  TransportEvents,
} from '../../commands/transport.ts';

/** Who listens to what; what is in it is for the transport only. */
export interface MemoryNetwork {
  readonly listeners: Map<string, Listener[]>;
}

export function memoryNetwork(): MemoryNetwork {
  return { listeners: new Map() };
}

/** Carries copies, and in a turn of its own, as a network does. It is never down. */
export function memoryTransport(network: MemoryNetwork, store: string, limit: number): OpenTransport {
  const subjectOf = ({ key }: Address) => `pipit.${store}.${key}`;

  function answerTo(events: TransportEvents, address: Address, token: string): (answer: Answer) => void {
    return (answer) => {
      const size = answer.status === 'answered' ? (answer.payload?.bytes.byteLength ?? 0) : 0;
      if (size > limit) throw new MessageTooLargeError(address, 'answer', size, limit);
      const copy = answer.status === 'answered' ? structuredClone(answer) : answer;
      queueMicrotask(() => events.answered(token, copy));
    };
  }

  return (events) => {
    function deliver({ address, id, timeout, trace, payload }: OutgoingRequest, token: string): void {
      const listeners = network.listeners.get(subjectOf(address)) ?? [];
      const next = listeners.shift();
      if (next === undefined) {
        events.unheard(token);
        return;
      }
      // Everybody has a turn.
      listeners.push(next);
      next.request({ id, timeout, trace, payload, answer: answerTo(events, address, token) });
    }

    return {
      servers: ['memory'],
      up: true,
      subjectOf,
      send(request, token) {
        const { address, payload } = request;
        const size = payload.bytes.byteLength;
        if (size > limit) throw new MessageTooLargeError(address, 'request', size, limit);
        const copy = { ...request, payload: { ...payload, bytes: Uint8Array.from(payload.bytes) } };
        queueMicrotask(() => deliver(copy, token));
      },
      cancel(address, id) {
        queueMicrotask(() => {
          for (const listener of network.listeners.get(subjectOf(address)) ?? []) listener.cancel(id);
        });
      },
      listen(address, listener) {
        const subject = subjectOf(address);
        const listeners = network.listeners.get(subject) ?? [];
        network.listeners.set(subject, listeners);
        listeners.push(listener);
        return {
          ready: Promise.resolve(),
          async close() {
            const index = listeners.indexOf(listener);
            if (index !== -1) listeners.splice(index, 1);
          },
        };
      },
      flush: async () => {},
      close() {},
    };
  };
}
