/** What a legacy store says of the dimension of its vectors. */
export interface LegacyDimensions {
  /** What `metadata.embedding_dimension` says; null when it says nothing usable. */
  readonly recorded: number | null;
  /** What the vector index is declared for; null without an index. */
  readonly index: number | null;
  readonly indexIsEmpty: boolean;
  /** Whether any chunk has an embedding of this dimension beside its text. Asked only where the two contradict. */
  readonly hasEmbeddingOf: (dimension: number) => boolean;
}

/**
 * The dimension of the vectors of a legacy store; null when nothing says.
 *
 * An index that holds vectors is what the application searches, so it decides, with one exception: where the store
 * recorded another dimension and no embedding has that of the index, the index is the remainder of another model.
 */
export function legacyDimension(found: LegacyDimensions): number | null {
  const { recorded, index, indexIsEmpty, hasEmbeddingOf } = found;
  if (indexIsEmpty || index === null) return recorded;
  if (recorded === null || recorded === index || hasEmbeddingOf(index)) return index;
  return recorded;
}
