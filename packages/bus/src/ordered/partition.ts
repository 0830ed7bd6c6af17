/**
 * The partition of a key, from 0: FNV-1a (32 bits) over its tokens without the dots, modulo their number. The server's
 * subject transform `{{partition(n,1,2)}}` computes the same.
 */
export function partitionOf(key: string, partitions: number): number {
  return fnv1a(key.replaceAll('.', '')) % partitions;
}

/**
 * Who owns each partition: of all members the one with the highest hash of both names (rendezvous hashing), so that one
 * who joins or leaves moves only the partitions it gets or had.
 */
export function ownersOf<Member extends { readonly id: string }>(
  partitions: number,
  members: readonly Member[],
): Member[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const weigh = ({ id }: Member) => mix(fnv1a(`${id}/${partition}`));
    return members.reduce((best, member) => (weigh(member) > weigh(best) ? member : best));
  });
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * The finalizer of MurmurHash3 (Austin Appleby, public domain). FNV-1a hardly changes the upper bits for what differs at
 * the end, so that one member would win most partitions.
 */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
