import type { BackendDefinition, OptionDefinition, SchemeDefinition } from '@switchyard/storage-core/backend';

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
  checkOptions(options, `${field}.options`, name);
  for (const [index, scheme] of schemes.entries()) {
    checkScheme(scheme, `${field}.schemes[${index}]`, name);
    checkOptions([...options, ...(scheme.options ?? [])], `${field}.options`, name);
  }
}

function checkScheme(scheme: SchemeDefinition, place: string, name: string): void {
  if (typeof scheme?.prefix !== 'string')
    throw new TypeError(`${place}.prefix of '${name}' must be a string.`);
  if (!['path', 'server', 'memory'].includes(scheme.location)) {
    throw new TypeError(`${place}.location of '${name}' must be one of path, server, memory.`);
  }
  if (scheme.options !== undefined && !Array.isArray(scheme.options)) {
    throw new TypeError(`${place}.options of '${name}' must be an array.`);
  }
  if (scheme.location !== 'server') return;
  const { protocols, prefix } = scheme;
  if (protocols !== undefined) checkProtocols(protocols, `${place}.protocols of '${name}'`);
  else if (!/^[a-z][a-z0-9+.-]*:/i.test(prefix)) {
    throw new TypeError(
      `${place}.protocols of '${name}' is missing: the prefix '${prefix}' does not begin with a protocol.`,
    );
  }
}

function checkProtocols(protocols: readonly string[], place: string): void {
  const valid = Array.isArray(protocols) && protocols.length > 0;
  if (!valid || !protocols.every((one) => typeof one === 'string' && /^[a-z][a-z0-9+.-]*:$/.test(one))) {
    throw new TypeError(`${place} must be a list of protocols in lower case, such as ['https:'].`);
  }
}

const optionTypes = ['string', 'integer', 'boolean', 'secret', 'token', 'server'];

function checkOptions(options: readonly OptionDefinition[], field: string, name: string): void {
  const names = new Set<string>();
  for (const [index, option] of options.entries()) {
    const place = `${field}[${index}]`;
    if (typeof option?.name !== 'string') throw new TypeError(`${place}.name of '${name}' must be a string.`);
    if (names.has(option.name)) throw new TypeError(`'${name}' has two options '${option.name}'.`);
    names.add(option.name);
    if (!optionTypes.includes(option.type)) {
      throw new TypeError(`${place}.type of '${name}' must be one of ${optionTypes.join(', ')}.`);
    }
    if (option.protocols !== undefined) checkProtocols(option.protocols, `${place}.protocols of '${name}'`);
  }
  for (const type of ['token', 'server']) {
    if (options.filter((option) => option.type === type).length > 1) {
      throw new TypeError(`'${name}' has two options of type ${type}.`);
    }
  }
}
