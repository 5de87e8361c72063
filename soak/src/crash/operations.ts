import type { DocumentStore } from '@switchyard/storage-core';
import { makePage, type NamedVersion } from '../content/pages.js';
import type { Random } from '../harness/random.js';
import { type Change, type Ledger, nameOf, type Operation } from './ledger.js';

const LIBRARIES = ['alpha', 'beta'];
const VERSIONS = ['', '1.0.0', '2.0.0-rc.1'];
const URLS = 14;

/** Draws the next operation. @param label Makes the keys of pages distinct from those of other writers. */
export function nextOperation(random: Random, ledger: Ledger, label: string): Operation {
  const version: NamedVersion = { library: random.pick(LIBRARIES), version: random.pick(VERSIONS) };
  const state = ledger[nameOf(version)];
  const known = Object.keys(state?.pages ?? {});
  const page = (url: string, index = 0): Change => ({ kind: 'page', version, url, key: `${label}.${index}` });
  const some = (): string => `https://example.org/${random.below(URLS)}`;
  const kind = random.float();
  if (state === undefined || known.length === 0 || kind < 0.5) return [page(some())];
  if (kind < 0.65) return [page(random.pick(known))];
  if (kind < 0.8) return [...new Set([some(), some(), some()])].map(page);
  if (kind < 0.89) return [{ kind: 'deletePage', version, url: random.pick(known) }];
  if (kind < 0.92) return [{ kind: 'deletePages', version }];
  if (kind < 0.95) return [{ kind: 'removeVersion', version }];
  return [{ kind: 'status', version, status: random.pick(['running', 'completed', 'failed'] as const) }];
}

/** Performs an operation on a store in one call. */
export async function perform(store: DocumentStore, operation: Operation, dimension: number): Promise<void> {
  const [first] = operation;
  if (first === undefined) return;
  const { library, version } = first.version;
  switch (first.kind) {
    case 'page': {
      const pages = operation.flatMap((change) =>
        change.kind === 'page' ? [makePage(change.key, change.url, dimension)] : [],
      );
      await store.addPages(
        library,
        version,
        pages.map(({ key, url, title, chunks }) => ({ url, title, etag: key, chunks })),
      );
      return;
    }
    case 'deletePage':
      await store.backend.apply([{ kind: 'deletePage', page: { version: first.version, url: first.url } }]);
      return;
    case 'deletePages':
      await store.deletePages(library, version);
      return;
    case 'removeVersion':
      await store.removeVersion(library, version);
      return;
    case 'status':
      await store.backend.apply([{ kind: 'setVersionStatus', version: first.version, status: first.status }]);
  }
}

/** Counts the changes of an operation that are visible in a store. */
export async function countApplied(store: DocumentStore, operation: Operation): Promise<number> {
  let count = 0;
  for (const change of operation) {
    if (!(await isApplied(store, change))) break;
    count += 1;
  }
  return count;
}

async function isApplied({ backend: { catalog } }: DocumentStore, change: Change): Promise<boolean> {
  const { version } = change;
  switch (change.kind) {
    case 'page':
      return (await catalog.page({ version, url: change.url }))?.etag === change.key;
    case 'deletePage':
      return (await catalog.page({ version, url: change.url })) === null;
    case 'deletePages':
      return (await catalog.pages(version)).length === 0;
    case 'removeVersion':
      return (await catalog.version(version)) === null;
    case 'status':
      return (await catalog.version(version))?.status === change.status;
  }
}
