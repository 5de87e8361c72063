import { once } from 'node:events';
import type { ContextOptions, DocumentStore } from '@switchyard/storage-core';
import { createStore, fillStore, LIBRARY, openStore } from '../contenders/stores.js';
import type { CorpusPage } from '../corpus/types.js';
import type { Question } from '../corpus/vectors.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { mean } from '../harness/stats.js';
import { makeDocumentation } from './documentation.js';
import { startServer } from './remote.js';
import { type Bench, type Scenario, standards } from './scenario.js';

const VERSION = '1.0.0';

/** Round-trip times that the proxies of the server add, in milliseconds. */
const ROUND_TRIPS = [0, 1, 10];

/** Pages of the corpus, of seven chunks each, that are joined to one. */
const PAGES_JOINED = 6;

/** Chunks of a section. */
const SECTION = 14;

/** Relatives that a documentation server shows with each hit. */
const CONTEXT = { parent: true, children: 5, precedingSiblings: 2, subsequentSiblings: 2 } as const;

/** A search with the context of its hits, in one call and in single calls, on a file and on a server. */
export const context: Scenario = {
  name: 'context',
  description:
    'a hybrid search with parent, children and siblings of its hits, in a file and on sqld with 0, 1 and 10 ms added',
  inDefaultRun: false,
  minutes: 2,
  run: (bench) => measureContext(bench),
};

async function measureContext(bench: Bench): Promise<Measurement[]> {
  const { n, dim, limits, queries } = standards(
    { ...bench.arguments, dim: bench.arguments.dim ?? 384 },
    { n: 2_000, limits: [5], queries: 60 },
  );
  const { pages, vectors, questions } = await makeDocumentation(bench, { n, dim });
  const contents = { pages: withOutlines(pages), vectors, version: VERSION, firstId: 1 };
  const asked = questions.slice(0, queries);
  const measurements: Measurement[] = [];
  const measure = async (connection: string, extra: Partial<Measurement>) => {
    const store = await openStore(connection);
    try {
      for (const k of limits) {
        measurements.push(...(await compareCalls(store, asked, { n, dim, k }, extra)));
      }
    } finally {
      await store.close();
    }
  };

  const file = bench.workspace.path('context.db');
  await fill(file, 'pages written to the file');
  await measure(file, { note: 'file' });
  const { child, addresses } = await startServer();
  try {
    await fill(addresses[0] as string, 'pages written to the server');
    for (const roundTripMs of ROUND_TRIPS) {
      await measure(addresses[roundTripMs] as string, { note: 'server', roundTripMs });
    }
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
  return measurements;

  async function fill(connection: string, what: string): Promise<void> {
    const store = await createStore(connection, dim, 'l2');
    await fillStore(store, contents, what, bench.progress);
    await store.close();
  }
}

/**
 * Joins pages to pages of some forty chunks with an outline in which hits have parents, children and siblings: one chunk
 * in fourteen begins a section, five are its text, and eight are that of a subsection.
 */
function withOutlines(pages: readonly CorpusPage[]): CorpusPage[] {
  return Array.from({ length: Math.ceil(pages.length / PAGES_JOINED) }, (_, at) => {
    const joined = pages.slice(at * PAGES_JOINED, (at + 1) * PAGES_JOINED);
    const { url, title } = joined[0] as CorpusPage;
    const chunks = joined.flatMap((page) => page.chunks);
    return {
      url,
      title,
      chunks: chunks.map(({ content, metadata }, i) => {
        const section = `Section ${Math.floor(i / SECTION)}`;
        const below = i % SECTION === 0 ? [] : i % SECTION <= 5 ? [section] : [section, 'Details'];
        return { content, metadata: { ...metadata, path: [title, ...below] } };
      }),
    };
  });
}

async function compareCalls(
  store: DocumentStore,
  asked: readonly Question[],
  about: { readonly n: number; readonly dim: number; readonly k: number },
  extra: Partial<Measurement>,
): Promise<Measurement[]> {
  const search = ({ text, vector }: Question, options: { readonly context?: ContextOptions } = {}) =>
    store.search(LIBRARY, VERSION, text, { vector, limit: about.k, ...options });
  const subjects: (Subject<Question, number> & { readonly parameters: string })[] = [
    {
      name: 'search',
      parameters: 'the hits alone',
      run: async (question) => (await search(question)).length,
    },
    {
      name: 'search-context',
      parameters: 'search with `context`',
      run: async (question) => {
        const hits = await search(question, { context: CONTEXT });
        return hits.reduce((sum, { context: found }) => sum + (found === undefined ? 0 : countOf(found)), 0);
      },
    },
    {
      name: 'single-calls',
      parameters: 'search, then four calls per hit',
      run: async (question) => {
        let relatives = 0;
        for (const { id } of await search(question)) {
          const parent = await store.parentOf(id);
          const children = await store.childrenOf(id, CONTEXT.children);
          const precedingSiblings = await store.precedingSiblings(id, CONTEXT.precedingSiblings);
          const subsequentSiblings = await store.subsequentSiblings(id, CONTEXT.subsequentSiblings);
          relatives += countOf({ parent, children, precedingSiblings, subsequentSiblings });
        }
        return relatives;
      },
    },
  ];
  const runs = await interleave(subjects, asked, asked.slice(0, 5));
  const [, together, single] = runs.map(({ answers }) => answers);
  if (JSON.stringify(together) !== JSON.stringify(single)) {
    throw new Error('The context of a search differs from that of single calls.');
  }
  const perHit = mean(together ?? []) / about.k;
  const observations = subjects.map(({ name, parameters }, at) => ({
    contender: name,
    samples: runs[at]?.milliseconds ?? [],
    recall: null,
    extra: { parameters, ...extra, note: `${extra.note}, ${perHit.toFixed(1)} relatives per hit` },
  }));
  return compare({ scenario: 'context', ...about, unit: 'ms' }, 'search', observations);
}

function countOf(found: {
  readonly parent: unknown;
  readonly children: readonly unknown[];
  readonly precedingSiblings: readonly unknown[];
  readonly subsequentSiblings: readonly unknown[];
}): number {
  const lists = found.children.length + found.precedingSiblings.length + found.subsequentSiblings.length;
  return lists + (found.parent === null ? 0 : 1);
}
