import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

/** A backend that writes in groups, as those of local files do. */
function grouped(options = {}): MemoryBackend {
  return Object.assign(new MemoryBackend(options), { writeBytesMax: 1_000 });
}

it('a page that is written while older ones are deleted in groups stays', async () => {
  const backend = grouped();
  const store = await DocumentStore.open({ backend });
  const old = '2001-01-01 00:00:00';
  for (let at = 0; at < 40; at++) {
    await backend.apply([
      {
        kind: 'replacePage',
        version: { library: 'l', version: '1' },
        page: { url: `/${at}`, updatedAt: old },
        chunks: [],
      },
    ]);
  }
  const apply = backend.apply.bind(backend);
  let groups = 0;
  backend.apply = async (mutations, options) => {
    groups += 1;
    // After the pages were listed, and before the group of this page.
    if (groups === 1)
      await apply([
        { kind: 'replacePage', version: { library: 'l', version: '1' }, page: { url: '/25' }, chunks: [] },
      ]);
    return apply(mutations, options);
  };
  await store.deletePagesWhere('l', '1', { notUpdatedSince: '2002-01-01 00:00:00' });
  backend.apply = apply;
  expect(groups).toBeGreaterThan(2);
  const left = await backend.catalog.pages({ library: 'l', version: '1' });
  expect(left.map(({ url }) => url)).toEqual(['/25']);
});
