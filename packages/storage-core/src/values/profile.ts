/** Distance measure of two vectors. Smaller is nearer for both. */
export type Metric = 'cosine' | 'l2';

/** Model, dimension and metric of the vectors of a store. */
export interface EmbeddingProfile {
  /** Model, such as `openai:text-embedding-3-small`; null if unknown (legacy stores older than level 013). */
  readonly model: string | null;
  /** Number of components, from 1. */
  readonly dimension: number;
  /** Metric that vectors are compared by. */
  readonly metric: Metric;
}
