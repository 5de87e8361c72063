/** A request to a worker thread to embed texts. */
export interface EmbedRequest {
  readonly texts: readonly string[];
}

/** The response: the concatenated vectors, or an error message. */
export type EmbedResponse = { readonly vectors: Float32Array<ArrayBuffer> } | { readonly error: string };
