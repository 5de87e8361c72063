import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Rejects a list of backends in which a connection string would be ambiguous.
 *
 * @throws TypeError if two backends have the same name, or two schemes have the same prefix (ignoring case).
 */
export function checkDefinitions(definitions: readonly BackendDefinition[]): void {
  const names = new Set<string>();
  const claims = new Map<string, string>();
  for (const { name, schemes } of definitions) {
    if (names.has(name)) {
      throw new TypeError(`Two backends are named '${name}': load only one of their modules, once.`);
    }
    names.add(name);
    for (const { prefix } of schemes) {
      const form = prefix.toLowerCase();
      const other = claims.get(form);
      if (other !== undefined) {
        const what = form === '' ? 'plain paths' : `'${prefix}'`;
        const who =
          other === name
            ? `The backend '${name}' claims`
            : `The backends '${other}' and '${name}' both claim`;
        throw new TypeError(`${who} ${what}${other === name ? ' twice' : ''}: a scheme must be unique.`);
      }
      claims.set(form, name);
    }
  }
}
