import { editDistance } from './edit-distance.js';

/** Checks of single fields. Callers in plain JavaScript may pass anything, so each failure names the field. */

/** @throws TypeError unless the value is an object and not an array. */
export function checkObject(value: unknown, field: string, shape = ''): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new TypeError(
    `${field} must be an object${shape === '' ? '' : ` ${shape}`}, not ${describe(value)}.`,
  );
}

/**
 * Refuses members that nothing reads: a misspelled filter would restrict nothing, without an error.
 *
 * @param known Names of the members; an object, so that its type can be checked for completeness.
 * @throws TypeError that lists the known members. A member that is undefined counts as absent.
 */
export function checkMembers(value: object, known: Readonly<Record<string, true>>, field: string): void {
  const other = Object.entries(value).find(
    ([name, member]) => member !== undefined && !Object.hasOwn(known, name),
  );
  if (other === undefined) return;
  throw new TypeError(
    `${field} has no member ${describe(other[0])}; known members: ${Object.keys(known).join(', ')}.`,
  );
}

/**
 * Refuses members whose names are nearly those of known ones. For options that callers may pass as part of a larger
 * object, such as their settings; see {@link checkMembers} for all others.
 *
 * @param known Names of the members.
 * @throws TypeError that names the known member.
 */
export function checkSpelling(value: object, known: Readonly<Record<string, true>>, field: string): void {
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || Object.hasOwn(known, name)) continue;
    const meant = Object.keys(known).find((one) => isMisspelled(name, one));
    if (meant === undefined) continue;
    throw new TypeError(`${field} has no member ${describe(name)}. Did you mean ${meant}?`);
  }
}

/** Short names resemble others that are correct: `model` is no misspelled `mode`. */
const MIN_LENGTH = 5;

function isMisspelled(name: string, known: string): boolean {
  return (
    known.length >= MIN_LENGTH &&
    Math.abs(name.length - known.length) <= 2 &&
    editDistance(name.toLowerCase(), known.toLowerCase()) <= (known.length < 8 ? 1 : 2)
  );
}

/** @throws TypeError unless the value is an array. */
export function checkArray(value: unknown, field: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${field} must be an array, not ${describe(value)}.`);
}

/** @throws TypeError unless the value is a string. */
export function checkString(value: unknown, field: string): void {
  if (typeof value !== 'string') throw new TypeError(`${field} must be a string, not ${describe(value)}.`);
}

/** @throws TypeError unless the value is a string or null. */
export function checkStringOrNull(value: unknown, field: string): void {
  if (value === null || typeof value === 'string') return;
  throw new TypeError(`${field} must be a string or null, not ${describe(value)}.`);
}

/** @throws TypeError unless the value is a boolean. */
export function checkBoolean(value: unknown, field: string): void {
  if (typeof value !== 'boolean') throw new TypeError(`${field} must be a boolean, not ${describe(value)}.`);
}

/** @throws TypeError unless the value is a finite number, not below the minimum if there is one. */
export function checkNumber(value: unknown, field: string, minimum = Number.NEGATIVE_INFINITY): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= minimum) return;
  const from = minimum === Number.NEGATIVE_INFINITY ? '' : ` from ${minimum}`;
  throw new TypeError(`${field} must be a finite number${from}, not ${describe(value)}.`);
}

/** @throws TypeError unless the value is in the list. */
export function checkOneOf(value: unknown, values: readonly string[], field: string): void {
  if (typeof value === 'string' && values.includes(value)) return;
  throw new TypeError(`${field} must be one of ${values.join(', ')}, not ${describe(value)}.`);
}

/** Short form of a value for messages. Strings are truncated and objects not shown, since they may contain a secret. */
function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
