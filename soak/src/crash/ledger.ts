import type { VersionStatus } from '@switchyard/storage-core';
import type { NamedVersion } from '../content/pages.js';

/** One change of a store. The key of a page determines its whole content. */
export type Change =
  | { readonly kind: 'page'; readonly version: NamedVersion; readonly url: string; readonly key: string }
  | { readonly kind: 'deletePage'; readonly version: NamedVersion; readonly url: string }
  | { readonly kind: 'deletePages'; readonly version: NamedVersion }
  | { readonly kind: 'removeVersion'; readonly version: NamedVersion }
  | { readonly kind: 'status'; readonly version: NamedVersion; readonly status: VersionStatus };

/** One call of a writer. Its changes take effect in order, a later one never without the earlier ones. */
export type Operation = readonly Change[];

/** Expected content of a version. */
export interface VersionState {
  readonly status: VersionStatus;
  /** Keys of the pages by URL. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Expected content of a store, by `library@version`. Plain data. */
export type Ledger = Readonly<Record<string, VersionState>>;

const fresh: VersionState = { status: 'not_indexed', pages: {} };

export function nameOf({ library, version }: NamedVersion): string {
  return `${library}@${version}`;
}

export function versionOf(name: string): NamedVersion {
  const at = name.lastIndexOf('@');
  return { library: name.slice(0, at), version: name.slice(at + 1) };
}

/** Returns the ledger after some changes. */
export function applied(ledger: Ledger, changes: readonly Change[]): Ledger {
  const versions: Record<string, VersionState> = { ...ledger };
  for (const change of changes) {
    const name = nameOf(change.version);
    const before = versions[name];
    switch (change.kind) {
      case 'page':
        versions[name] = { ...(before ?? fresh), pages: { ...before?.pages, [change.url]: change.key } };
        break;
      case 'deletePage':
        if (before !== undefined) versions[name] = { ...before, pages: without(before.pages, change.url) };
        break;
      case 'deletePages':
        if (before !== undefined) versions[name] = { ...before, pages: {} };
        break;
      case 'removeVersion':
        delete versions[name];
        break;
      case 'status':
        if (before !== undefined) versions[name] = { ...before, status: change.status };
        break;
    }
  }
  return versions;
}

function without(pages: VersionState['pages'], url: string): VersionState['pages'] {
  return Object.fromEntries(Object.entries(pages).filter(([known]) => known !== url));
}

/** Returns the states that a store may be in while an operation is in progress or its outcome is unknown. */
export function candidates(ledger: Ledger, pending: Operation | null): Ledger[] {
  const states = [ledger];
  for (let count = 1; count <= (pending?.length ?? 0); count++) {
    states.push(applied(ledger, (pending as Operation).slice(0, count)));
  }
  return states;
}
