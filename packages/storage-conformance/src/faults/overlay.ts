import type {
  CallOptions,
  Capabilities,
  Mutation,
  MutationResult,
  StorageBackend,
} from '@switchyard/storage-core';
import type { Catalog, FtsIndex, VectorIndex, VectorStaging } from '@switchyard/storage-core/backend';

/** The members in which a broken backend differs from the one it wraps. */
export interface Changes {
  /** Any number: the types allow only the one that core accepts. */
  readonly contractVersion?: number;
  readonly capabilities?: Partial<Capabilities>;
  readonly catalog?: Partial<Catalog>;
  readonly vectors?: Partial<VectorIndex>;
  readonly fts?: Partial<FtsIndex>;
  readonly staging?: Partial<VectorStaging>;
  readonly candidates?: StorageBackend['candidates'];
  readonly changeLog?: StorageBackend['changeLog'];
  readonly maintenance?: StorageBackend['maintenance'];
  readonly apply?: (
    mutations: readonly Mutation[],
    options?: CallOptions,
  ) => Promise<readonly MutationResult[]>;
  readonly open?: StorageBackend['open'];
  readonly close?: StorageBackend['close'];
}

/** Wraps a backend and replaces some of its members. */
export function overlay(inner: StorageBackend, changes: Changes): StorageBackend {
  const { capabilities, catalog, vectors, fts, staging, ...methods } = changes;
  return replaceMembers(inner, {
    ...methods,
    capabilities: { ...inner.capabilities, ...capabilities },
    catalog: replaceMembers(inner.catalog, catalog ?? {}),
    vectors: replaceMembers(inner.vectors, vectors ?? {}),
    fts: replaceMembers(inner.fts, fts ?? {}),
    ...(inner.staging === undefined ? {} : { staging: replaceMembers(inner.staging, staging ?? {}) }),
  });
}

/** Returns a proxy of an object with some members replaced; methods keep their `this`. */
export function replaceMembers<T extends object>(target: T, members: object): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (key in members) return Reflect.get(members, key);
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
