import type { VectorSet } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import { createRandom, type Random } from '../harness/random.js';
import { REAL_DIMENSION } from './embeddings.js';
import type { Corpus } from './pages.js';
import { normalize, project } from './projection.js';
import { makeQuestions } from './questions.js';

/** How many chunks are embedded for real unless a scenario wants more; every other vector is mixed from theirs. */
const REAL_VECTORS = 8_000;

/** Questions that are embedded for real. */
const QUESTIONS = 150;

/** A search as a person would make it. */
export interface Question {
  readonly text: string;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** Vectors of one length to store, and questions to search them with. */
export interface Embeddings {
  readonly set: VectorSet;
  readonly questions: readonly Question[];
  /** How many of the vectors, from the first on, are embeddings of their own texts. */
  readonly embedded: number;
}

/** How many vectors there are to be, and of what length. */
export interface EmbeddingsWanted {
  readonly count: number;
  readonly dim: number;
  /** At most so many are to be embedded for real; default 8,000. There are no more than the corpus has chunks. */
  readonly real?: number | undefined;
}

/**
 * The first vectors are real embeddings of chunks, brought to the wanted length by {@link project}. Those beyond are
 * mixed: two or three real ones chosen at random, weighted at random (evenly over all weights that add up to 1), added
 * and brought to length 1. So there are no clusters that a search could find easily, and rows lie closer together than
 * real ones do. The questions are real embeddings of texts that are not stored.
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

/** How many texts and which questions were embedded, and their vectors one after the other. */
interface Real {
  readonly texts: number;
  readonly asked: readonly string[];
  readonly projected: Float32Array<ArrayBuffer>;
}

const known = new WeakMap<Corpus, Map<string, Promise<Real>>>();

/** Once in a process for each number and length: scenarios share them. */
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
