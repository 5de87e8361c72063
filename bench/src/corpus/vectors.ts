import type { VectorSet } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import { createRandom, type Random } from '../harness/random.js';
import { REAL_DIMENSION } from './embeddings.js';
import type { Corpus } from './pages.js';
import { normalize, project } from './projection.js';
import { makeQuestions } from './questions.js';

/** Default number of real embeddings; every other vector is mixed from them. */
const REAL_VECTORS = 8_000;

/** Number of questions with real embeddings. */
const QUESTIONS = 150;

/** A realistic search. */
export interface Question {
  readonly text: string;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** Vectors to store, and questions to search them with, of one dimension. */
export interface Embeddings {
  readonly set: VectorSet;
  readonly questions: readonly Question[];
  /** Number of vectors, from the first one, that are embeddings of their own texts. */
  readonly embedded: number;
}

/** Number and dimension of the vectors. */
export interface EmbeddingsWanted {
  readonly count: number;
  readonly dim: number;
  /** Maximum number of real embeddings, limited by the chunks of the corpus. Default 8,000. */
  readonly real?: number | undefined;
}

/**
 * The first vectors are real embeddings of chunks, changed to the requested dimension by {@link project}. The others
 * are mixed: two or three real ones, chosen at random, are added with random weights (uniform over all weights that add
 * up to 1) and scaled to length 1. So there are no clusters that make searching easy, and rows are closer together than
 * real ones. The questions are real embeddings of texts that are not stored.
 */
export async function makeEmbeddings(
  corpus: Corpus,
  { count, dim, real = REAL_VECTORS }: EmbeddingsWanted,
  progress: Progress,
): Promise<Embeddings> {
  const embedded = Math.min(count, real, corpus.size);
  const { texts, asked, projected } = await embedReal(corpus, { dim, texts: embedded }, progress);
  const pool = projected.subarray(0, texts * dim);
  const values = new Float32Array(count * dim);
  values.set(pool);
  const random = createRandom(dim);
  for (let row = texts; row < count; row++) {
    mix(values.subarray(row * dim, (row + 1) * dim), pool, texts, random);
  }
  return {
    set: { dim, count, values },
    embedded,
    questions: asked.map((text, index) => {
      const row = texts + index;
      return { text, vector: projected.slice(row * dim, (row + 1) * dim) };
    }),
  };
}

/** Embedded texts and questions, with their vectors one after the other. */
interface Real {
  readonly texts: number;
  readonly asked: readonly string[];
  readonly projected: Float32Array<ArrayBuffer>;
}

const known = new WeakMap<Corpus, Map<string, Promise<Real>>>();

/** Embeds each number and dimension once per process: scenarios share them. */
function embedReal(
  corpus: Corpus,
  { dim, texts }: { readonly dim: number; readonly texts: number },
  progress: Progress,
): Promise<Real> {
  const ofCorpus = known.get(corpus) ?? new Map<string, Promise<Real>>();
  known.set(corpus, ofCorpus);
  const key = `${texts} × ${dim}`;
  const made = ofCorpus.get(key) ?? embedAll(corpus, dim, texts, progress);
  ofCorpus.set(key, made);
  return made;
}

async function embedAll(corpus: Corpus, dim: number, texts: number, progress: Progress): Promise<Real> {
  const contents = corpus.take(texts).flatMap((page) => page.chunks.map((chunk) => chunk.content));
  const asked = makeQuestions(corpus, QUESTIONS);
  const vectors = await corpus.embed([...contents, ...asked], progress);
  return { texts, asked, projected: project(vectors, REAL_DIMENSION, dim) };
}

function mix(target: Float32Array, pool: Float32Array, size: number, random: Random): void {
  const parents = 2 + random.below(2);
  const dim = target.length;
  // Exponential weights: after normalizing, every way of dividing 1 among the parents is equally likely.
  for (let parent = 0; parent < parents; parent++) {
    const weight = -Math.log(1 - random.next());
    const start = random.below(size) * dim;
    for (let i = 0; i < dim; i++) target[i] = (target[i] as number) + weight * (pool[start + i] as number);
  }
  normalize(target);
}
