/** What is known of a shard. It is written with every batch of its rows, which is what fences them. */
export interface ShardEntry {
  readonly checkpoint: number;
  /** Tells one claim from all others; missing where nobody owns the shard, as are owner and lease. */
  readonly epoch?: string;
  /** For people. */
  readonly owner?: string;
  /** Milliseconds from when the entry was written, by the server's clock: each write goes on being the owner. */
  readonly lease?: number;
  /** Tells the batch that it was written with, so that its owner finds out what became of it. */
  readonly batch?: string;
}

export interface Claim {
  readonly bucket: string;
  readonly version: number;
  readonly shard: number;
  readonly owner: string;
  readonly epoch: string;
  readonly lease: number;
  readonly checkpoint: number;
  readonly revision: number;
}
