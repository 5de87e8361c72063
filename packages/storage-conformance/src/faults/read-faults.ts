import type { VersionRef } from '@switchyard/storage-core';
import { isWellFormed } from '@switchyard/storage-core/backend';
import { fault } from './fault.js';

const hasCapitals = (ref: object): boolean =>
  Object.values(ref).some((name) => typeof name === 'string' && name !== name.toLowerCase());

/** Backends that return something other than what is stored. */
export const readFaults = [
  fault('notes-what-was-searched', 'reading/changes-nothing', (inner) => ({
    fts: {
      match: async (query, options) => {
        const version = await inner.catalog.version(query.version, options);
        if (version !== null) {
          await inner.apply([
            { kind: 'setVersionStatus', version: { versionId: version.id }, status: 'updating' },
          ]);
        }
        return inner.fts.match(query, options);
      },
    },
  })),
  fault('creates-what-is-asked-for', 'reading/creates-nothing', (inner) => ({
    catalog: {
      version: async (ref, options) => {
        if ('library' in ref) await inner.apply([{ kind: 'resolveVersion', ...ref }]);
        return inner.catalog.version(ref, options);
      },
    },
  })),
  fault('case-sensitive-names', 'versions/names-are-lower-cased', ({ catalog }) => ({
    catalog: {
      version: async (ref: VersionRef, options) => (hasCapitals(ref) ? null : catalog.version(ref, options)),
      library: async (ref, options) => (hasCapitals(ref) ? null : catalog.library(ref, options)),
    },
  })),
  fault('reads-half-an-emoji-by-its-bytes', 'well-formed/every-field', ({ catalog }) => ({
    catalog: {
      version: async (ref: VersionRef, options) => {
        const version = await catalog.version(ref, options);
        return version && { ...version, name: version.name.replaceAll('\ufffd', '\ufffd\ufffd\ufffd') };
      },
    },
  })),
  fault('looks-for-urls-as-given', 'well-formed/found-again', ({ catalog }) => ({
    catalog: {
      chunksByUrl: async (version, url, options) =>
        isWellFormed(url) ? catalog.chunksByUrl(version, url, options) : [],
    },
  })),
  fault('orders-names-by-utf-16', 'catalog/libraries-by-name', ({ catalog }) => ({
    catalog: {
      libraries: async (options) =>
        [...(await catalog.libraries(options))].sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
  })),
  fault('mixes-up-the-sort-order', 'catalog/given-sort-order', ({ catalog }) => ({
    catalog: {
      chunksByUrl: async (version, url, options) =>
        [...(await catalog.chunksByUrl(version, url, options))].sort((a, b) => a.id - b.id),
    },
  })),
  fault('counts-only-filled-pages', 'catalog/overview', ({ catalog }) => ({
    catalog: {
      overview: async (options) => {
        const counted = [];
        for (const entry of await catalog.overview(options)) {
          const pages = await catalog.snapshot({ version: { versionId: entry.version.id }, limit: 999 });
          counted.push({ ...entry, urls: pages.filter(({ chunks }) => chunks.length > 0).length });
        }
        return counted;
      },
    },
  })),
  fault('loses-the-last-page-of-a-batch', 'copying/snapshot-pages', ({ catalog }) => ({
    catalog: {
      snapshot: async (request, options) => {
        const pages = await catalog.snapshot(request, options);
        return pages.length > 1 && pages.length === request.limit
          ? [...pages.slice(0, -2), ...pages.slice(-1)]
          : pages;
      },
    },
  })),
  fault('rounds-vectors-in-snapshots', 'vector-values/bytes-are-kept', ({ catalog }) => ({
    catalog: {
      snapshot: async (request, options) =>
        (await catalog.snapshot(request, options)).map(({ page, chunks }) => ({
          page,
          chunks: chunks.map((chunk) => ({
            ...chunk,
            vector: chunk.vector?.map((component) => Number(component.toPrecision(6))) ?? null,
          })),
        })),
    },
  })),
];
