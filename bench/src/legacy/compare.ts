import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type ComparedStore,
  compareStores,
  findingsOf,
  renderReport,
  verdictOf,
} from '@switchyard/storage-compare';
import {
  connectionString,
  createStore,
  fillStore,
  LIBRARY,
  openStore,
  storeNames,
} from '../contenders/stores.js';
import { ensureCorpus } from '../corpus/install.js';
import { Corpus } from '../corpus/pages.js';
import { makeEmbeddings } from '../corpus/vectors.js';
import { createProgress } from '../harness/progress.js';
import { Workspace } from '../harness/workspace.js';

const usage = `npm run bench:compare -- [options]

Compares the legacy backend with libSQL on real documentation: the same answers, and how long each takes.

Options:
  --n N            chunks (20000)
  --dim D          components of a vector (512)
  --real R         chunks embedded for real, the rest being mixed from them (8000)
  --repeat R       times that each of the 150 questions is asked (3)
  --limit L        hits per question (10)
  --report FILE    write the report page
  --json FILE      write the comparison as JSON, without texts
  --synthetic      made-up text and vectors, with nothing to install or embed`;

const VERSION = '1.0.0';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      n: { type: 'string', default: '20000' },
      dim: { type: 'string', default: '512' },
      real: { type: 'string', default: '8000' },
      repeat: { type: 'string', default: '3' },
      limit: { type: 'string', default: '10' },
      report: { type: 'string' },
      json: { type: 'string' },
      synthetic: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const [count, dim, real] = [Number(values.n), Number(values.dim), Number(values.real)];
  const progress = createProgress();
  const workspace = new Workspace();
  if (!values.synthetic) ensureCorpus(progress);
  const corpus = values.synthetic ? Corpus.synthetic() : await Corpus.load(progress);
  const { set, questions, embedded } = await makeEmbeddings(corpus, { count, dim, real }, progress);
  const pages = corpus.take(count);
  const stores: ComparedStore[] = [];
  for (const name of storeNames) {
    const connection = connectionString(name, workspace.path(`${name}.db`));
    const store = await createStore(connection, dim, 'l2');
    await fillStore(
      store,
      { pages, vectors: set, version: VERSION, firstId: 1 },
      `pages written to ${name}`,
      progress,
    );
    await store.close();
    // As an application opens it, with nothing in memory from writing it.
    stores.push({
      name,
      location: connection.replace(/(?<=:|^)\/.*\//, ''),
      store: await openStore(connection),
    });
  }
  const queries = questions.map(({ text, vector }) => ({
    library: LIBRARY,
    version: VERSION,
    text,
    limit: Number(values.limit),
    vectors: stores.map(() => vector),
  }));
  const comparison = await compareStores(stores, queries, {
    repeat: Number(values.repeat),
    source: `questions about real documentation; ${embedded.toLocaleString('en')} of ${count.toLocaleString('en')} chunks embedded, the rest mixed from them`,
    onProgress: ({ phase, done, total }) =>
      progress.step(done, total, phase === 'reading' ? 'chunks read' : 'searches'),
  });
  for (const { store } of stores) await store.backend.close();
  for (const pair of comparison.pairs) {
    console.log(verdictOf(comparison, pair).text);
    for (const { text } of findingsOf(comparison, pair)) console.log(`  ${text}`);
    const { tieAwareOverlap, overlap, rankBiasedOverlap, relations, latencyRatio } = pair;
    console.log(
      JSON.stringify({ tieAwareOverlap, overlap, rankBiasedOverlap, relations, latencyRatio }, null, 2),
    );
  }
  for (const { name, latency, recall } of comparison.stores)
    console.log(name, JSON.stringify({ latency, recall }));
  if (values.report !== undefined) writeFileSync(values.report, renderReport(comparison));
  const { chunks: _texts, ...result } = comparison;
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

await main();
