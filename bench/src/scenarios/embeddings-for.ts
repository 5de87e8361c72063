import { type Embeddings, makeEmbeddings } from '../corpus/vectors.js';
import type { Bench } from './scenario.js';

/** Returns the requested vectors and questions; with `--real`, as many real embeddings as there is text for. */
export async function embeddingsFor(
  { corpus: load, progress, arguments: { real } }: Pick<Bench, 'arguments' | 'corpus' | 'progress'>,
  { n, dim }: { readonly n: number; readonly dim: number },
): Promise<Embeddings> {
  const corpus = await load();
  return makeEmbeddings(corpus, { count: n, dim, real: real ? corpus.size : undefined }, progress);
}
