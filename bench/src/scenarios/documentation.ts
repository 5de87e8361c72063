import type { Documentation } from '../contenders/hybrid-stores.js';
import type { CorpusPage } from '../corpus/types.js';
import type { Question } from '../corpus/vectors.js';
import { embeddingsFor } from './embeddings-for.js';
import type { Bench } from './scenario.js';

/** New pages per measurement, written one by one, of seven chunks each. */
const NEW_PAGES = 120;

/** Further pages, written many at a time. */
const FURTHER_PAGES = 600;

/** Returns documentation with this many chunks, questions about it, and further pages that are not in it. */
export async function makeDocumentation(
  bench: Bench,
  { n, dim }: { n: number; dim: number },
): Promise<
  Documentation & {
    readonly questions: readonly Question[];
    readonly newPages: readonly CorpusPage[];
    readonly furtherPages: readonly CorpusPage[];
  }
> {
  const { progress } = bench;
  const corpus = await bench.corpus();
  const { set, questions } = await embeddingsFor(bench, { n, dim });
  const pages = corpus.take(n);
  const recombined = n > corpus.size ? `, those after ${corpus.size.toLocaleString('en')} recombined` : '';
  progress.say(
    `${n.toLocaleString('en')} chunks × ${dim} on ${pages.length.toLocaleString('en')} pages of real text${recombined}`,
  );
  const full = corpus.takeFull(NEW_PAGES + FURTHER_PAGES, n);
  return {
    pages,
    vectors: set,
    questions,
    newPages: full.slice(0, NEW_PAGES),
    furtherPages: full.slice(NEW_PAGES),
  };
}
