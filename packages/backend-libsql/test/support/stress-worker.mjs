// A process of its own that makes a number of writes to a store, or searches it until its input ends and compares every
// answer with measuring every vector in the same read transaction. Arguments: the role, the file, the seed of its random
// numbers and the number of writes. Prints a line once it is at work, and in the end a line that says how much it did.
// The test bundles it with the modules of `src`, which the package does not export.
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { distance } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { seededRandom } from '../../../../tests/support/random.mjs';
import { LibsqlDriver } from '../../src/driver/libsql-driver.ts';
import { CodeCache } from '../../src/vectors/codes/code-cache.ts';
import { EngineScan } from '../../src/vectors/engine-scan.ts';
import { readGeneration } from '../../src/vectors/generations.ts';
import { readProfile } from '../../src/vectors/profile.ts';
import { QuantizedSearch } from '../../src/vectors/quantized-search.ts';

const [role, file, seed, count] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const below = (limit) => Math.floor(random() * limit);
const vector = () => Float32Array.from({ length: 24 }, () => random() - 0.5);
const metadata = { types: ['text'], level: 1, path: [] };

async function write() {
  const store = new LibsqlBackend({ location: { type: 'file', path: file }, busyTimeoutMs: 20_000 });
  await store.open();
  let writes = 0;
  for (; writes < Number(count); writes++) {
    const version = { library: 'l', version: `${1 + below(2)}` };
    const url = `https://a/${below(40)}`;
    const dice = below(100);
    if (dice === 0) await store.apply([{ kind: 'deletePages', version }]);
    else if (dice < 20) await store.apply([{ kind: 'deletePage', page: { version, url } }]);
    else {
      const chunks = Array.from({ length: 1 + below(12) }, (_, i) => ({
        content: `${i}`,
        metadata,
        vector: below(9) === 0 ? null : vector(),
      }));
      await store.apply([{ kind: 'replacePage', version, page: { url, title: url }, chunks }]);
    }
    if (writes === 0) process.stdout.write(`${writes}\n`);
  }
  await store.close();
  return writes;
}

async function search() {
  let isOver = false;
  process.stdin.resume();
  void once(process.stdin, 'end').then(() => {
    isOver = true;
  });
  const driver = new LibsqlDriver({ location: file, connect: () => new Database(file, { timeout: 20_000 }) });
  const cache = new CodeCache(2 ** 26);
  const searcher = new QuantizedSearch(driver, cache);
  const engine = new EngineScan(driver);
  let searches = 0;
  for (; !isOver; searches++) {
    driver.readTransaction(() => {
      const profile = readProfile(driver);
      const query = vector();
      const versionId = 1 + below(2);
      const limit = 1 + below(30);
      const generations = readGeneration(driver, versionId);
      const search = { versionId, vector: query, limit, generations, passing: null };
      const hits = searcher.search(profile, search) ?? engine.search(profile, search);
      const expected = driver
        .all('SELECT document_id AS id, embedding FROM document_vectors WHERE version_id = ?1', [versionId])
        .map(({ id, embedding }) => ({
          chunkId: id,
          distance: distance(
            profile.metric,
            query,
            new Float32Array(embedding.buffer, embedding.byteOffset, 24),
          ),
        }))
        .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
        .slice(0, limit);
      if (JSON.stringify(hits) !== JSON.stringify(expected)) {
        throw new Error(
          `Search ${searches} differs: ${JSON.stringify({ hits, expected, cache: cache.report() })}`,
        );
      }
    });
    if (searches === 0) process.stdout.write('searching\n');
    await setImmediate();
  }
  driver.close();
  return { searches, ...cache.report() };
}

const done = role === 'write' ? await write() : await search();
process.stdout.write(`${JSON.stringify(done)}\n`);
