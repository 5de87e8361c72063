import type * as core from '@switchyard/storage-core';
import * as sdk from '@switchyard/storage-core/backend';
import { fail, type State } from './file.js';

type Of<K extends core.MutationKind> = Extract<core.Mutation, { readonly kind: K }>;

/** Applies one mutation to a copy of the state. @throws StorageError */
export function applyMutation(state: State, mutation: core.Mutation): core.MutationResult {
  const { kind } = mutation;
  switch (kind) {
    case 'resolveVersion': {
      const created = sdk.findVersionIn(state, mutation) === undefined;
      const { libraryId, id } = resolveVersion(state, mutation);
      return { kind, libraryId, versionId: id, created };
    }
    case 'replacePage':
      return replacePage(state, mutation);
    case 'deletePage':
      return { kind, ...deletePages(state, [sdk.findPageIn(state, mutation.page) ?? []].flat()) };
    case 'deletePages':
      return { kind, ...deletePages(state, pagesOf(state, mutation.version)) };
    case 'removeVersion':
      return removeVersion(state, mutation);
    case 'setVersionStatus':
    case 'setVersionProgress':
    case 'setScraperOptions': {
      const { version: ref, ifMissing } = mutation;
      const version = ifMissing === 'ignore' ? sdk.findVersionIn(state, ref) : existing(state, ref);
      if (version !== undefined) state.versions.set(version.id, sdk.changedVersion(version, mutation));
      return { kind, versionId: version?.id ?? null };
    }
    default: // needs a capability that is not declared
      throw fail('STORAGE_NOT_SUPPORTED', `The json backend does not support ${kind}.`);
  }
}

function resolveVersion(state: State, ref: { library: string; version: string }): core.VersionRecord {
  const found = sdk.findVersionIn(state, ref);
  if (found !== undefined) return found;
  const name = sdk.normalizeLibraryName(ref.library);
  const known = sdk.findLibraryIn(state, { library: name });
  const library = known ?? { id: ++state.lastId, name, createdAt: sdk.sqlTimestamp() };
  state.libraries.set(library.id, library);
  const version = sdk.newVersion(++state.lastId, library, sdk.normalizeVersionName(ref.version));
  state.versions.set(version.id, version);
  return version;
}

function replacePage(state: State, { kind, version, page, chunks }: Of<'replacePage'>): core.MutationResult {
  const { id: versionId } =
    'versionId' in version ? existing(state, version) : resolveVersion(state, version);
  const known = pagesOf(state, { versionId }).find(({ url }) => url === page.url);
  const pageId = known?.id ?? ++state.lastId;
  state.pages.set(pageId, sdk.toPageRow(pageId, versionId, page, known));
  const replaced = sdk.chunksIn(state, pageId);
  for (const { id } of replaced) state.chunks.delete(id);
  const chunkIds = chunks.map(({ content, metadata, ...chunk }, index) => {
    const { sortOrder = index, createdAt = sdk.sqlTimestamp() } = chunk;
    const id = ++state.lastId;
    state.chunks.set(id, { id, pageId, content, metadata, sortOrder, createdAt, vector: null });
    return id;
  });
  return { kind, versionId, pageId, chunkIds, chunksReplaced: replaced.length };
}

function removeVersion(state: State, { kind, version: ref, removeLibrary }: Of<'removeVersion'>) {
  const version = sdk.findVersionIn(state, ref);
  const { chunksDeleted } = deletePages(state, pagesOf(state, ref));
  if (version === undefined) return { kind, chunksDeleted, versionDeleted: false, libraryDeleted: false };
  state.versions.delete(version.id);
  const isLast = ![...state.versions.values()].some(({ libraryId }) => libraryId === version.libraryId);
  const libraryDeleted = isLast && removeLibrary !== false && state.libraries.delete(version.libraryId);
  return { kind, chunksDeleted, versionDeleted: true, libraryDeleted };
}

function pagesOf(state: State, ref: core.VersionRef): core.PageRecord[] {
  return sdk.pagesIn(state, sdk.findVersionIn(state, ref)?.id);
}

function deletePages(state: State, pages: readonly core.PageRecord[]) {
  const chunks = pages.flatMap(({ id }) => sdk.chunksIn(state, id));
  for (const { id } of chunks) state.chunks.delete(id);
  for (const { id } of pages) state.pages.delete(id);
  return { pagesDeleted: pages.length, chunksDeleted: chunks.length };
}

function existing(state: State, ref: core.VersionRef): core.VersionRecord {
  const version = sdk.findVersionIn(state, ref);
  if (version === undefined) throw fail('STORAGE_NOT_FOUND', `There is no version ${JSON.stringify(ref)}.`);
  return version;
}
