import { faults } from '@switchyard/storage-conformance/faults';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { runConformance } from '@switchyard/storage-conformance/suite';
import { expect, it } from 'vitest';

/** `DocumentStore` deletes version by version and page by page on a backend without the capability. */
class Plain extends MemoryBackend {
  constructor() {
    super({ capabilities: { bulkDeletion: false } });
  }
}

class PlainInGroups extends Plain {
  readonly writeBytesMax = 1;
}

it.each([
  ['one write', Plain],
  ['groups', PlainInGroups],
])('a backend without bulkDeletion is served by other mutations, in %s', async (_, Backend) => {
  const ids = ['remove-library', 'delete-pages-where', 'clear'].map((name) => `document-store/${name}`);
  const results = await runConformance({ name: 'plain', create: () => new Backend() }, ({ id }) =>
    [...ids, 'capabilities/bulk-deletion', 'model/random-stories'].includes(id),
  );
  expect(results.map(({ test, outcome }) => [test.id, outcome])).toEqual(
    results.map(({ test }) => [test.id, { state: 'passed' }]),
  );
  expect(results.length).toBeGreaterThanOrEqual(4);
});

it('has broken backends for every kind of deletion', () => {
  const caught = new Set(faults.map(({ caughtBy }) => caughtBy));
  for (const name of [
    'remove-library',
    'clear',
    'pages-by-url-prefix',
    'pages-not-updated-since',
    'in-a-list',
  ]) {
    expect(caught).toContain(`bulk-deletion/${name}`);
  }
});
