import assert from 'node:assert/strict';
import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import { MemoryBackend } from '../memory/index.js';
import { assertSameReads, assertSameSearches, assertSameStore } from '../model/compare.js';
import { applyToBoth } from '../model/mirror.js';
import { type Round, rounds } from '../model/steps.js';
import { testDimension } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { withoutVectors } from '../suite/without-vectors.js';
import { hasVectors } from '../support/declared.js';

const models = ['conformance:model-a', 'conformance:model-b'] as const;

/** Removes everything, as an application would, and checks that nothing is left. */
async function empty(backend: StorageBackend): Promise<void> {
  for (const { id, name } of await backend.catalog.libraries()) {
    const versions = await backend.catalog.versions({ libraryId: id });
    if (versions.length === 0) {
      // A library kept after its last version was removed is removed along with a new version.
      await backend.apply([
        { kind: 'resolveVersion', library: name, version: '' },
        { kind: 'removeVersion', version: { library: name, version: '' } },
      ]);
    }
    await backend.apply(
      versions.map((version) => ({ kind: 'removeVersion', version: { versionId: version.id } })),
    );
  }
  const { counts } = await backend.inspect();
  assert.deepEqual(counts, { libraries: 0, versions: 0, pages: 0, chunks: 0, vectors: 0 });
}

async function play(
  tested: StorageBackend,
  reference: StorageBackend,
  story: readonly Round[],
): Promise<void> {
  const bulk = tested.capabilities.bulkDeletion === true;
  let resets = 0;
  const reset = async () => {
    if (!hasVectors(tested)) return;
    const request = { model: models[resets % 2] as string, dimension: testDimension };
    const metric = tested.capabilities.metrics[0];
    const results = [
      await tested.vectors.reconcile({ ...request, metric }, 'reset'),
      await reference.vectors.reconcile({ ...request, metric }, 'reset'),
    ];
    if (resets > 0) assert.deepEqual(results[0], results[1]);
    resets += 1;
  };
  await reset();
  for (const round of story) {
    if (round.reset) await reset();
    const writes = bulk ? round.writes : round.writes.filter((write) => !isBulk(write));
    await applyToBoth(tested, reference, hasVectors(tested) ? writes : writes.map(withoutVectors));
    await assertSameStore(tested, reference);
    await assertSameReads(tested, reference, round.search);
    await assertSameSearches(tested, reference, round.search);
  }
}

function isBulk(write: Mutation): boolean {
  return (
    write.kind === 'removeLibrary' ||
    write.kind === 'clear' ||
    (write.kind === 'deletePages' && write.filter !== undefined)
  );
}

export const modelTests = contractGroup('model', [
  [
    'random-stories',
    'after any sequence of writes, every read and every search equals that of the reference backend',
    async (t) => {
      const tested = await t.open({ profile: false });
      await t.check(rounds, async (story) => {
        await empty(tested);
        const reference = new MemoryBackend({ capabilities: { vectors: hasVectors(tested) } });
        await reference.open();
        await play(tested, reference, story);
        await reference.close();
      });
    },
  ],
]);
