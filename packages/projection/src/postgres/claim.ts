/** What makes its owner the owner: no other claim has the same epoch. */
export interface Claim {
  readonly version: number;
  readonly shard: number;
  readonly owner: string;
  readonly epoch: string;
  readonly checkpoint: number;
}
