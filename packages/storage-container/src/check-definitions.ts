import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Rejects a list of backends in which a connection string would be ambiguous.
 *
 * @throws TypeError if two backends have the same name, or two schemes have the same prefix (ignoring case).
 */
export function checkDefinitions(definitions: readonly BackendDefinition[]): void {
  const names = new Set<string>();
  const claims = new Map<string, string>();
  for (const [index, definition] of definitions.entries())
    checkDefinition(definition, `definitions[${index}]`);
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

/** @throws TypeError that names the field which is missing or of the wrong type. */
function checkDefinition(definition: BackendDefinition, field: string): void {
  if (typeof definition !== 'object' || definition === null)
    throw new TypeError(`${field} must be an object.`);
  const { name, schemes, options, create } = definition;
  if (typeof name !== 'string' || name === '')
    throw new TypeError(`${field}.name must be a string, and not empty.`);
  if (!Array.isArray(schemes)) throw new TypeError(`${field}.schemes of '${name}' must be an array.`);
  if (!Array.isArray(options)) throw new TypeError(`${field}.options of '${name}' must be an array.`);
  if (typeof create !== 'function') throw new TypeError(`${field}.create of '${name}' must be a function.`);
  for (const [index, scheme] of schemes.entries()) {
    const place = `${field}.schemes[${index}]`;
    if (typeof scheme?.prefix !== 'string')
      throw new TypeError(`${place}.prefix of '${name}' must be a string.`);
    if (!['path', 'server', 'memory'].includes(scheme.location)) {
      throw new TypeError(`${place}.location of '${name}' must be one of path, server, memory.`);
    }
  }
  for (const [index, option] of options.entries()) {
    const place = `${field}.options[${index}]`;
    if (typeof option?.name !== 'string') throw new TypeError(`${place}.name of '${name}' must be a string.`);
    if (!['string', 'integer', 'boolean', 'secret'].includes(option.type)) {
      throw new TypeError(`${place}.type of '${name}' must be one of string, integer, boolean, secret.`);
    }
  }
}
