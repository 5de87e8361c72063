import type { Leftover } from './leftovers.js';
import { LEGACY } from './legacy.js';
import type { StepResult } from './steps.js';

const LEGACY_FOLDERS = LEGACY.packages.map((name) => `packages/${name.split('/')[1]}`);

/** Result of a rehearsal; the object that `--json` prints. */
export interface Report {
  readonly deleted: readonly string[];
  /** Number of lines removed from each edited file. */
  readonly edited: Readonly<Record<string, number>>;
  readonly leftovers: readonly Leftover[];
  readonly steps: readonly StepResult[];
  /** Folder of the copy, if it was kept. */
  readonly folder: string | null;
}

/** A rehearsal for people: what was removed, what is left over, and the steps. */
export function formatReport({ deleted, edited, leftovers, steps, folder }: Report): string {
  const files = Object.entries(edited);
  const lines = files.reduce((sum, [, count]) => sum + count, 0);
  return [
    ...Object.entries(countByFolder(deleted, (folder) => LEGACY_FOLDERS.includes(folder))).map(
      ([place, count]) => `deleted  ${place} (${count})`,
    ),
    ...files.map(([path, count]) => `edited   ${path} (${count} lines)`),
    `${deleted.length} files deleted, ${lines} lines removed from ${files.length} files`,
    ...leftovers.map(({ path, line, text, reason }) => `LEFT     ${path}:${line} ${reason}: ${text}`),
    ...steps.map(formatStep),
    ...(folder === null ? [] : [folder]),
    '',
  ].join('\n');
}

function formatStep({ name, passed, seconds, totals }: StepResult): string {
  const counts =
    totals === null
      ? ''
      : `: ${totals.files} files, ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
  return `${passed ? 'ok      ' : 'FAILS   '} ${name}${counts} (${seconds} s)`;
}

/** Counts the files of whole packages together, and names the others. */
function countByFolder(
  paths: readonly string[],
  isWhole: (folder: string) => boolean,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const path of paths) {
    const folder = path.split('/').slice(0, 2).join('/');
    const place = isWhole(folder) ? `${folder}/` : path;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
