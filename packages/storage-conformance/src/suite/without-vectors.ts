import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import { hasCapability } from '@switchyard/storage-core/backend';

/**
 * Drops the vectors from writes to a backend that does not declare `vectors`, so that tests of other subjects, whose
 * chunks have vectors, apply to it as well. Other backends are returned unchanged.
 */
export function withDeclaredVectors(backend: StorageBackend): StorageBackend {
  if (hasCapability(backend.capabilities, 'vectors')) return backend;
  const apply: StorageBackend['apply'] = (mutations, options) =>
    backend.apply(Array.isArray(mutations) ? (mutations.map(withoutVectors) as never) : mutations, options);
  return new Proxy(backend, {
    get: (target, key) => {
      if (key === 'apply') return apply;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Returns a write with its vectors dropped. */
export function withoutVectors(mutation: Mutation): Mutation {
  if (mutation.kind !== 'replacePage' || !Array.isArray(mutation.chunks)) return mutation;
  const { model: _, ...write } = mutation;
  return { ...write, chunks: mutation.chunks.map((chunk) => ({ ...chunk, vector: null })) };
}
