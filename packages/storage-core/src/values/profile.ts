/** How the distance of two vectors is measured. Smaller is nearer for both. */
export type Metric = 'cosine' | 'l2';

/** What the vectors of a store are: made by which model, how long, compared how. */
export interface EmbeddingProfile {
  /** Such as `openai:text-embedding-3-small`; null when the store does not know (legacy stores older than level 013). */
  readonly model: string | null;
  /** Number of components, from 1. */
  readonly dimension: number;
  /** Metric that vectors are compared by. */
  readonly metric: Metric;
}
