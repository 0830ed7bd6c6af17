/** The most that an atomic batch may hold on JetStream (ADR-50). Stores in memory and specifications keep to it. */
export const maxBatch = 1_000;
