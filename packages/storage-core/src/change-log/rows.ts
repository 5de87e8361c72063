import type { LogRow } from '../ports/change-log.js';

/** Ids that the old side gives begin here; those of the new side stay below. */
export const OLD_SIDE_IDS = 2 ** 40;

/** Ids skipped when the end of a log may be lost: more than a log holds between two checkpoints. */
export const ID_GAP = 2 ** 20;

/** Returns the id of a row. */
export function idOfRow(row: LogRow): number {
  switch (row.kind) {
    case 'library':
      return row.library.id;
    case 'version':
      return row.version.id;
    case 'page':
      return row.page.page.id;
  }
}
