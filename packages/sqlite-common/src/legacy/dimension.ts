/** Evidence in a legacy store for the dimension of its vectors. */
export interface LegacyDimensions {
  /** Value of `metadata.embedding_dimension`; null if unusable. */
  readonly recorded: number | null;
  /** Declared dimension of the vector index; null without one. */
  readonly index: number | null;
  readonly indexIsEmpty: boolean;
  /**
   * Returns true if any chunk has a stored embedding of this dimension. Called only if the other two contradict each
   * other.
   */
  readonly hasEmbeddingOf: (dimension: number) => boolean;
}

/**
 * Dimension of the vectors of a legacy store; null without evidence.
 *
 * The application searches an index that holds vectors, so the index decides, with one exception: if the store recorded
 * another dimension and no embedding has that of the index, the index is a remainder of another model.
 */
export function legacyDimension(found: LegacyDimensions): number | null {
  const { recorded, index, indexIsEmpty, hasEmbeddingOf } = found;
  if (indexIsEmpty || index === null) return recorded;
  if (recorded === null || recorded === index || hasEmbeddingOf(index)) return index;
  return recorded;
}
