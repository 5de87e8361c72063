/** Texts for a worker thread to embed. */
export interface EmbedRequest {
  readonly texts: readonly string[];
}

/** Its answer: the vectors one after the other, or why there are none. */
export type EmbedResponse = { readonly vectors: Float32Array<ArrayBuffer> } | { readonly error: string };
