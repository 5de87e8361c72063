import { type StorageBackend, StorageError } from '@switchyard/storage-core';

/** Called before a call of a port, by its path such as `changeLog.sync`; may wait, or throw to fail it. */
export type BeforeCall = (path: string, args: readonly unknown[]) => unknown;

/** Returns a backend that asks before every call of its ports. Its lifecycle counts as calls too. */
export function interposed(backend: StorageBackend, before: BeforeCall): StorageBackend {
  return wrap(backend, '', before) as StorageBackend;
}

/** Error of a store that cannot be reached. */
export function unreachable(): StorageError {
  return new StorageError('STORAGE_UNREACHABLE', 'The server is down.', { outcome: 'not-applied' });
}

function wrap(target: object, prefix: string, before: BeforeCall): object {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof name === 'symbol') return member;
      const path = `${prefix}${name}`;
      if (typeof member === 'function') {
        return async (...args: unknown[]) => {
          await before(path, args);
          return Reflect.apply(member, target, args) as unknown;
        };
      }
      return ports.has(path) && member !== undefined ? wrap(member as object, `${path}.`, before) : member;
    },
  });
}

const ports = new Set(['catalog', 'vectors', 'fts', 'migrator', 'changeLog']);
