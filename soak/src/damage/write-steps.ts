import { isDeepStrictEqual } from 'node:util';
import type { StorageBackend } from '@switchyard/storage-core';
import { createBackend } from '../content/open-store.js';
import { makePage, replaceWith } from '../content/pages.js';
import type { Question } from './types.js';

/** One named step on a damaged store. */
export interface Step {
  readonly name: string;
  run(): Promise<unknown>;
}

/** Prefix of the report of an acknowledged write that cannot be read back. */
export const LOST_WRITE = 'LOST WRITE: ';

/** Writes to a damaged store. Every acknowledged write must read back, or fail with a typed error. */
export function* writeSteps(connection: string, questions: readonly Question[]): Generator<Step> {
  const known = questions.find((question) => question.op === 'chunks');
  if (known === undefined) return;
  const { version, url } = known;
  const withStore = async <T>(work: (backend: StorageBackend) => Promise<T>): Promise<T> => {
    const backend = createBackend(connection, true);
    await backend.open();
    try {
      return await work(backend);
    } finally {
      await backend.close();
    }
  };
  for (const [name, target] of [
    ['replace-page', url],
    ['add-page', 'https://example.org/new'],
  ] as const) {
    yield {
      name,
      run: async () => {
        const expected = await withStore(async (backend) => {
          const dimension = (await backend.vectors.profile())?.dimension ?? 0;
          const page = makePage(`write ${target}`, target, dimension);
          const plain = replaceWith(version, page);
          // A store read from damaged pages may no longer have a profile.
          const chunks =
            dimension === 0 ? plain.chunks.map((chunk) => ({ ...chunk, vector: null })) : plain.chunks;
          await backend.apply([{ ...plain, model: null, chunks }]);
          return page.chunks.map(({ content }) => content);
        });
        const read = await withStore(async (backend) =>
          (await backend.catalog.chunksByUrl(version, target)).map(({ content }) => content),
        );
        if (!isDeepStrictEqual(read, expected)) {
          throw new Error(
            `${LOST_WRITE}${expected.length} chunks of ${target} acknowledged, ${read.length} read back`,
          );
        }
      },
    };
  }
  yield {
    name: 'optimize',
    run: () => withStore(async (backend) => backend.capabilities.optimize && backend.optimize?.()),
  };
  yield { name: 'rebuild-fts', run: () => withStore((backend) => backend.fts.rebuild()) };
  yield { name: 'rebuild-vectors', run: () => withStore((backend) => backend.vectors.rebuild()) };
  yield {
    name: 'delete-pages',
    run: () => withStore((backend) => backend.apply([{ kind: 'deletePages', version }])),
  };
  yield {
    name: 'remove-version',
    run: () => withStore((backend) => backend.apply([{ kind: 'removeVersion', version }])),
  };
}
