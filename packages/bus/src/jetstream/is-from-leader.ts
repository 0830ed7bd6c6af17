import type { StreamInfo } from '@nats-io/jetstream';

/**
 * Whether the leader of the stream has answered, which does not count itself among the replicas. Those, which may be
 * behind, answer as well while a stream is young and while it has no leader (nats-server, `jsStreamInfoRequest`).
 */
export function isFromLeader(cluster: StreamInfo['cluster']): boolean {
  if (cluster === undefined) return true;
  const { leader, replicas = [] } = cluster;
  return Boolean(leader) && !replicas.some(({ name }) => name === leader);
}
