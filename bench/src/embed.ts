import { ensureCorpus } from './corpus/install.js';
import { Corpus } from './corpus/pages.js';
import { makeEmbeddings } from './corpus/vectors.js';
import { createProgress } from './harness/progress.js';

// Fills the cache of embeddings, so that the first measurement need not wait for it.
const progress = createProgress();
ensureCorpus(progress);
const corpus = await Corpus.load();
const { set, questions } = await makeEmbeddings(corpus, { count: 1, dim: 512 }, progress);
progress.say(
  `${corpus.size} chunks of real text, ${questions.length} questions, dimension ${set.dim}: ready`,
);
