/** SQLite's own limit of nested JSON levels. */
const MAX_DEPTH = 1000;

/**
 * Checks the metadata of a chunk. Callers in plain JavaScript may pass anything, and JSON would silently change some of
 * it.
 *
 * @param where Name of the metadata in the message, such as `pages[3].chunks[0].metadata`.
 * @throws TypeError that names the field.
 */
export function checkMetadata(metadata: unknown, where: string): void {
  if (!isPlainObject(metadata)) {
    throw new TypeError(`${where} must be an object { types, level, path }, not ${describe(metadata)}.`);
  }
  const { types, level, path, ...extra } = metadata;
  checkTexts(types, `${where}.types`);
  if (typeof level !== 'number' || !Number.isFinite(level)) {
    throw new TypeError(`${where}.level must be a finite number, not ${describe(level)}.`);
  }
  checkTexts(path, `${where}.path`);
  for (const [key, value] of Object.entries(extra)) {
    if (value !== undefined) checkJson(value, member(where, key), 1);
  }
}

/**
 * Checks a value that is stored as JSON.
 *
 * @throws TypeError that names the member which JSON cannot represent.
 */
export function checkJson(value: unknown, where: string, depth = 0): void {
  if (depth > MAX_DEPTH) {
    throw new TypeError(`${where.slice(0, 80)}… nests deeper than ${MAX_DEPTH} levels, or contains itself.`);
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    // Not forEach(), which skips the holes of a sparse array.
    for (let index = 0; index < value.length; index++)
      checkJson(value[index], `${where}[${index}]`, depth + 1);
  } else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) checkJson(item, member(where, key), depth + 1);
    }
  } else throw new TypeError(`${where} must be a JSON value, not ${describe(value)}.`);
}

function checkTexts(value: unknown, where: string): void {
  if (!Array.isArray(value)) {
    throw new TypeError(`${where} must be an array of strings, not ${describe(value)}.`);
  }
  for (let index = 0; index < value.length; index++) {
    if (typeof value[index] === 'string') continue;
    throw new TypeError(`${where}[${index}] must be a string, not ${describe(value[index])}.`);
  }
}

/** Accepts objects of other realms and of classes, but not objects with their own JSON form. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    Object.prototype.toString.call(value) === '[object Object]' &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}

function member(where: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${where}.${key}` : `${where}[${JSON.stringify(key)}]`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
