import { applyObserved } from '../diagnostics/observed.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { VersionRef } from '../values/ids.js';
import type { Mutation, MutationResult } from '../values/mutations.js';
import { type NormalPageFilter, normalizePageFilter, type PageFilter } from '../values/page-filter.js';
import { wellFormed } from '../values/well-formed.js';
import { GroupedDeletion } from './remove-pages.js';
import type { ClearedStore, DeletedPages, RemovedLibrary } from './types.js';

/** Implements `DocumentStore.removeLibrary`. */
export function removeLibrary(
  backend: StorageBackend,
  library: string,
  options: CallOptions | undefined,
): Promise<RemovedLibrary> {
  return new GroupedDeletion(backend, options).run(async (deletion) => {
    await deletion.versionsOf(library);
    const rest = backend.capabilities.bulkDeletion
      ? (
          await applyObserved(
            backend,
            wellFormed([{ kind: 'removeLibrary', library: { library } }] as const),
            options,
          )
        )[0]
      : await removeLibraries(backend, [library], options);
    const { deleted } = deletion;
    return {
      versionsDeleted: deleted.versions + rest.versionsDeleted,
      pagesDeleted: deleted.pages + rest.pagesDeleted,
      documentsDeleted: deleted.chunks + rest.chunksDeleted,
      libraryDeleted: rest.libraryDeleted,
    };
  });
}

/** Implements `DocumentStore.clear`. */
export function clearStore(backend: StorageBackend, options: CallOptions | undefined): Promise<ClearedStore> {
  return new GroupedDeletion(backend, options).run(async (deletion) => {
    if (backend.writeBytesMax !== undefined) {
      for (const { name } of await backend.catalog.libraries(options)) await deletion.versionsOf(name);
    }
    let rest: Omit<ClearedStore, 'documentsDeleted'> & { readonly chunksDeleted: number };
    if (backend.capabilities.bulkDeletion)
      [rest] = await applyObserved(backend, [{ kind: 'clear' }], options);
    else {
      const names = (await backend.catalog.libraries(options)).map(({ name }) => name);
      const { libraryDeleted: _, ...counts } = await removeLibraries(backend, names, options);
      rest = { ...counts, librariesDeleted: names.length };
    }
    const { deleted } = deletion;
    return {
      librariesDeleted: rest.librariesDeleted,
      versionsDeleted: deleted.versions + rest.versionsDeleted,
      pagesDeleted: deleted.pages + rest.pagesDeleted,
      documentsDeleted: deleted.chunks + rest.chunksDeleted,
    };
  });
}

/** Implements `DocumentStore.deletePagesWhere`. */
export function deletePagesWhere(
  backend: StorageBackend,
  version: VersionRef,
  filter: PageFilter,
  options: CallOptions | undefined,
): Promise<DeletedPages> {
  const normal = normalizePageFilter(filter);
  return new GroupedDeletion(backend, options).run(async (deletion) => {
    await deletion.matchingPagesOf(version, filter);
    const rest = backend.capabilities.bulkDeletion
      ? await applyObserved(backend, wellFormed([{ kind: 'deletePages', version, filter }] as const), options)
      : await deleteMatching(backend, deletion, version, normal, options);
    const { pages, chunks } = sum(rest);
    const { deleted } = deletion;
    return { pagesDeleted: deleted.pages + pages, documentsDeleted: deleted.chunks + chunks };
  });
}

/** For backends without `bulkDeletion`: the mutations of each version in one write. */
async function removeLibraries(
  backend: StorageBackend,
  libraries: readonly string[],
  options: CallOptions | undefined,
) {
  const mutations: Mutation[] = [];
  let libraryDeleted = false;
  for (const library of libraries) {
    const known = await backend.catalog.library({ library }, options);
    if (known === null) continue;
    libraryDeleted = true;
    const versions = await backend.catalog.versions({ library }, options);
    for (const { id } of versions) {
      const version = { versionId: id };
      mutations.push({ kind: 'deletePages', version }, { kind: 'removeVersion', version });
    }
    if (versions.length > 0) continue;
    // A library without versions goes with a version that is created for it.
    const version = { library: known.name, version: '' };
    mutations.push({ kind: 'resolveVersion', ...version }, { kind: 'removeVersion', version });
  }
  const results = await applyObserved(backend, mutations, options);
  const created = results.filter((result) => result.kind === 'resolveVersion').length;
  const { pages, chunks, versions } = sum(results);
  return {
    versionsDeleted: versions - created,
    pagesDeleted: pages,
    chunksDeleted: chunks,
    libraryDeleted,
  };
}

async function deleteMatching(
  backend: StorageBackend,
  deletion: GroupedDeletion,
  version: VersionRef,
  filter: NormalPageFilter,
  options: CallOptions | undefined,
): Promise<readonly MutationResult[]> {
  const pages = await deletion.matching(version, filter);
  return applyObserved(
    backend,
    pages.map(({ id: pageId }): Mutation => ({ kind: 'deletePage', page: { pageId } })),
    options,
  );
}

function sum(results: readonly MutationResult[]) {
  const total = { pages: 0, chunks: 0, versions: 0 };
  for (const result of results) {
    if ('pagesDeleted' in result) total.pages += result.pagesDeleted;
    if ('chunksDeleted' in result) total.chunks += result.chunksDeleted;
    if ('versionDeleted' in result) total.versions += result.versionDeleted ? 1 : 0;
  }
  return total;
}
