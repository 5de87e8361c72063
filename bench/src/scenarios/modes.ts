import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { SearchMode } from '@switchyard/storage-core';
import { buildAnnIndex, fillVectorStore, openVectorStore } from '../contenders/our-vectors.js';
import type { VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type Embeddings, makeEmbeddings, type Question } from '../corpus/vectors.js';
import { findTruths, recallOf, type Truth, type VectorSet } from '../harness/ground-truth.js';
import { interleave } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { mean, median } from '../harness/stats.js';
import { memoryOf, writeQueries } from './memory-process.js';
import { type Bench, type Scenario, standards, takesPart } from './scenario.js';
import { sizeOf } from './sizes.js';

const SIZES = [5_000, 20_000, 50_000];
/** Dimension of the offline model: vectors whose recall is measured are not projected. */
const DIMENSION = 512;
/** Maximum estimated build time in seconds of the index for `diskann`, unless it is requested explicitly. */
const MAX_BUILD_SECONDS = 200;
const WARM_UP = 5;
const MEMORY_RUNS = 3;
const MEMORY_QUERIES = 20;

/** Recall and cost of the approximate mode compared with the exact one, on vectors of real documentation. */
export const modes: Scenario = {
  name: 'modes',
  description:
    'exact and diskann in libSQL stores of 5,000, 20,000 and 50,000 chunks, or up to --n: recall, worst question, bytes, build time; embeds up to 23,000 texts in its first run, which takes another 10 min',
  inDefaultRun: false,
  minutes: 5,
  run: (bench) => measureModes(bench),
};

async function measureModes(bench: Bench): Promise<Measurement[]> {
  const { n: asked, ks } = bench.arguments;
  const { n: most, queries } = standards(bench.arguments, { n: SIZES.at(-1) as number, queries: 120 });
  const sizes = asked === null ? SIZES : [...SIZES.filter((size) => size < most), most];
  const dim = bench.arguments.dim ?? DIMENSION;
  const corpus = await bench.corpus();
  const measurements: Measurement[] = [];
  for (const count of sizes) {
    const wanted = { count, dim, real: corpus.size };
    const embeddings = await makeEmbeddings(corpus, wanted, bench.progress);
    measurements.push(...(await measureSize(bench, embeddings, { ks: ks ?? [10, 100], queries })));
  }
  return measurements;
}

/** A mode that is ready to be searched. */
interface Entrant {
  readonly mode: SearchMode;
  readonly index: VectorIndexUnderTest;
  readonly extra: Pick<Measurement, 'buildMs' | 'bytes' | 'note'>;
}

async function measureSize(
  bench: Bench,
  { set, questions, embedded }: Embeddings,
  { ks, queries }: { readonly ks: readonly number[]; readonly queries: number },
): Promise<Measurement[]> {
  const { progress } = bench;
  const { count: n, dim } = set;
  progress.say(
    `modes: ${n.toLocaleString('en')} vectors of ${dim}, ${embedded.toLocaleString('en')} embedded`,
  );
  const asked = questions.slice(0, queries);
  const entrants = await prepare(bench, set, questions);
  const measurements: Measurement[] = [];
  try {
    const truths = findTruths(set, asked, Math.max(...ks), progress);
    for (const k of ks) {
      const subjects = entrants.map(({ mode, index }) => ({
        name: mode,
        run: ({ vector }: Question) => index.search(vector, k),
      }));
      const runs = await interleave(subjects, asked, questions.slice(-WARM_UP));
      const observations = entrants.map(({ mode, extra }, at) => {
        const { milliseconds = [], cpuMilliseconds: cpu, answers = [] } = runs[at] ?? {};
        const recalls = answers.map((answer, query) => recallOf(truths[query] as Truth, answer, k));
        return {
          contender: mode,
          samples: milliseconds,
          cpu,
          recall: mean(recalls),
          extra: { ...extra, embedded, recallWorst: Math.min(...recalls) },
        };
      });
      measurements.push(...compare({ scenario: 'modes', n, dim, k, unit: 'ms' }, 'exact', observations));
    }
  } finally {
    for (const { index } of entrants) await index.close();
  }
  return measurements;
}

/** Prepares one store for all modes: writes it, builds its index, and opens it once for each mode. */
async function prepare(
  bench: Bench,
  set: VectorSet,
  questions: readonly Question[],
): Promise<readonly Entrant[]> {
  const { progress, workspace } = bench;
  const [writingMs, file] = await timed(() => fillVectorStore('libsql', set, { workspace, progress }));
  const codes = sizeOf(file).parts.find(([part]) => part === 'codes')?.[1] ?? 0;
  const index = await buildIndex(bench, file);
  const queryFile = writeQueries(questions.slice(0, MEMORY_QUERIES), workspace);
  const entrants: Entrant[] = [];
  for (const mode of ['exact', 'diskann'] as const) {
    if (!takesPart(bench.arguments, mode) || (mode === 'diskann' && index === null)) continue;
    const building = mode === 'diskann' ? index : null;
    const disk = building?.bytes ?? codes;
    const task = { name: 'libsql', place: file, mode, queryFile, dim: set.dim, k: 10 } as const;
    const reports = [];
    for (let run = 0; run < MEMORY_RUNS; run++) reports.push(await memoryOf(task));
    const memory = Math.round(median(reports.map(({ ownMb }) => ownMb)) * 2 ** 20);
    const mapped = Math.max(...reports.map(({ mappedMb }) => mappedMb));
    const [firstMs, opened] = await timed(async () => {
      const searched = await openVectorStore(file, mode);
      await searched.search((questions.at(-1) as Question).vector, 10);
      return searched;
    });
    const note = [
      `writing ${seconds(writingMs)}`,
      ...(building === null ? [] : [`index ${seconds(building.ms)} (cpu ${seconds(building.cpuMs)})`]),
      `opening and first search ${seconds(firstMs)}; ${mapped.toFixed(0)} MB of mapped files`,
    ].join(', ');
    const buildMs = Math.round(writingMs + (building?.ms ?? 0) + firstMs);
    entrants.push({ mode, index: opened, extra: { buildMs, bytes: { disk, memory }, note } });
  }
  return entrants;
}

/** Returns null, with a message, if the index takes too long to build and was not requested explicitly. */
async function buildIndex(
  { arguments: given, progress }: Bench,
  file: string,
): Promise<{ readonly ms: number; readonly cpuMs: number; readonly bytes: number } | null> {
  if (!takesPart(given, 'diskann')) return null;
  const before = statSync(file).size;
  const limit = given.contenders === null ? MAX_BUILD_SECONDS : Number.POSITIVE_INFINITY;
  const cpu = process.cpuUsage();
  const [ms, { built, seconds: estimate }] = await timed(() => buildAnnIndex(file, limit));
  if (built) {
    const { user, system } = process.cpuUsage(cpu);
    const cpuMs = (user + system) / 1000;
    progress.say(
      `  index for diskann: built in ${seconds(ms)}, ${seconds(cpuMs)} processor time (estimate: ${estimate} s)`,
    );
    return { ms, cpuMs, bytes: statSync(file).size - before };
  }
  progress.say(
    `  diskann: skipped, its index would take about ${estimate} s to build; --contenders exact,diskann includes it`,
  );
  return null;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [ms: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}
