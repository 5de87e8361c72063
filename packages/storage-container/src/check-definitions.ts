import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Refuses a list of backends in which a connection string could mean two of them.
 *
 * @throws TypeError when two have the same name, or two forms begin alike (in any case).
 */
export function checkDefinitions(definitions: readonly BackendDefinition[]): void {
  const names = new Set<string>();
  const claims = new Map<string, string>();
  for (const { name, schemes } of definitions) {
    if (names.has(name)) {
      throw new TypeError(`Two backends are named '${name}': load one of their modules, once.`);
    }
    names.add(name);
    for (const { prefix } of schemes) {
      const form = prefix.toLowerCase();
      const other = claims.get(form);
      if (other !== undefined) {
        const what = form === '' ? 'plain paths' : `'${prefix}'`;
        const who =
          other === name ? `The backend '${name}' claims` : `The backends '${other}' and '${name}' claim`;
        throw new TypeError(`${who} ${what}${other === name ? ' twice' : ' both'}: a form has one backend.`);
      }
      claims.set(form, name);
    }
  }
}
