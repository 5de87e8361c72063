import { editDistance } from '../runtime/edit-distance.js';
import { fail } from './fail.js';

/**
 * Returns a sentence about what an unknown scheme probably should be, after a space; empty if nothing is close. Repeats
 * known prefixes only.
 */
export function schemeHint(target: string, unknown: string, prefixes: readonly string[]): string {
  const text = target.toLowerCase();
  const cut = prefixes.find((prefix) => prefix.endsWith('://') && text.startsWith(prefix.slice(0, -1)));
  if (cut !== undefined) return ` A slash is missing after '${cut.slice(0, -1)}': path.join() removes one.`;
  const [nearest] = [...new Set(prefixes.map(nameOf))]
    .map((name) => ({ name, distance: editDistance(unknown.toLowerCase(), name) }))
    .filter(({ name, distance }) => distance <= name.length / 3)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined || nearest.distance === 0 ? '' : ` Did you mean '${nearest.name}:'?`;
}

/**
 * Refuses a path with a connection string inside, such as `data/libsql:/host`: an application joined its folder and its
 * setting. It would become a file that is named after the server.
 */
export function refuseJoinedUrl(target: string, prefixes: readonly string[]): void {
  const text = target.toLowerCase().replaceAll('\\', '/');
  const inside = prefixes.find(
    // A file may be named `:memory:`.
    (prefix) =>
      prefix !== '' &&
      !prefix.endsWith(':memory:') &&
      text.includes(`/${prefix.replace('://', ':/').toLowerCase()}`),
  );
  if (inside === undefined) return;
  fail(
    `The path contains '${inside.replace('://', ':/')}': a connection string was joined to a folder. Pass the string alone, as it begins with ${inside}.`,
  );
}

/** Name of a scheme, without what follows it: `libsql` of `libsql://`. */
function nameOf(prefix: string): string {
  return prefix.split(':', 1)[0] ?? '';
}
