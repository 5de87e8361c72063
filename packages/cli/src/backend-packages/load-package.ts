import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** A module that exports no backend. */
export class NoDefinition extends Error {
  override readonly name = 'NoDefinition';
}

/**
 * Imports a module and returns the backends that it exports: its default export, a definition or a list of them, else
 * every export that is a definition.
 *
 * @throws NoDefinition, and whatever the module throws while it loads.
 */
export async function loadPackage(url: string): Promise<readonly BackendDefinition[]> {
  const exported = (await import(url)) as Readonly<Record<string, unknown>>;
  const { default: standard } = exported;
  const list: readonly unknown[] = Array.isArray(standard) ? standard : [standard];
  if (list.length > 0 && list.every(isDefinition)) return list;
  // Of a CommonJS module, the default export has names that Node.js may not have found.
  const inDefault = typeof standard === 'object' && standard !== null ? Object.values(standard) : [];
  const named = new Set([...Object.values(exported), ...inDefault].filter(isDefinition));
  if (named.size > 0) return [...named];
  const names = Object.keys(exported);
  throw new NoDefinition(
    names.length === 0
      ? 'It exports nothing.'
      : `None of its exports is a backend definition: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}.`,
  );
}

/** Returns true for an object that looks like a definition; the container checks its members. */
export function isDefinition(value: unknown): value is BackendDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, schemes, create } = value as Partial<BackendDefinition>;
  return typeof name === 'string' && Array.isArray(schemes) && typeof create === 'function';
}
