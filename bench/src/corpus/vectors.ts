import type { VectorSet } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import { createRandom, type Random } from '../harness/random.js';
import { embedOnce, REAL_DIMENSION } from './embeddings.js';
import type { Corpus } from './pages.js';
import { normalise, project } from './projection.js';
import { makeQuestions } from './questions.js';

/** How many chunks are embedded for real; every other vector is mixed from theirs. */
const REAL_VECTORS = 3_000;

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
}

/**
 * The first vectors are real embeddings of chunks, brought to the wanted length by {@link project}. Those beyond are
 * mixed: two or three real ones chosen at random, weighted at random (evenly over all weights that add up to 1), added
 * and brought to length 1. So there are no clusters that a search could find easily, and rows lie closer together than
 * real ones do. The questions are real embeddings of texts that are not stored.
 */
export async function makeEmbeddings(
  corpus: Corpus,
  { count, dim }: { count: number; dim: number },
  progress: Progress,
): Promise<Embeddings> {
  const { texts, asked, projected } = await embedReal(corpus, dim, progress);
  const pool = projected.subarray(0, texts * dim);
  const values = new Float32Array(count * dim);
  values.set(pool.subarray(0, Math.min(count, texts) * dim));
  const random = createRandom(dim);
  for (let row = texts; row < count; row++) {
    mix(values.subarray(row * dim, (row + 1) * dim), pool, texts, random);
  }
  return {
    set: { dim, count, values },
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

const realByDimension = new Map<number, Promise<Real>>();

/** Once in a process for each length: scenarios share them. */
function embedReal(corpus: Corpus, dim: number, progress: Progress): Promise<Real> {
  const known = realByDimension.get(dim);
  if (known !== undefined) return known;
  const made = (async () => {
    const texts = corpus.take(REAL_VECTORS).flatMap((page) => page.chunks.map((chunk) => chunk.content));
    const asked = makeQuestions(corpus, QUESTIONS);
    const real = await embedOnce([...texts, ...asked], progress);
    return { texts: texts.length, asked, projected: project(real, REAL_DIMENSION, dim) };
  })();
  realByDimension.set(dim, made);
  return made;
}

function mix(target: Float32Array, pool: Float32Array, size: number, random: Random): void {
  const parents = 2 + random.below(2);
  const dim = target.length;
  // Exponential weights: after normalising, every way of dividing 1 among the parents is equally likely.
  for (let parent = 0; parent < parents; parent++) {
    const weight = -Math.log(1 - random.next());
    const start = random.below(size) * dim;
    for (let i = 0; i < dim; i++) target[i] = (target[i] as number) + weight * (pool[start + i] as number);
  }
  normalise(target);
}
