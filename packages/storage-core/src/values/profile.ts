/** Distance measure of two vectors. Smaller is nearer for both. */
export type Metric = 'cosine' | 'l2';

/** Model, dimension and metric of the vectors of a store. */
export interface EmbeddingProfile {
  /** Such as `openai:text-embedding-3-small`; null when the store does not know (legacy stores older than level 013). */
  readonly model: string | null;
  /** Number of components, from 1. */
  readonly dimension: number;
  /** Metric that vectors are compared by. */
  readonly metric: Metric;
}
