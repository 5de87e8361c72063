import type { Removal } from './removal.js';

/**
 * Everything that leaves the repository with the legacy store. Code that only the legacy store needs is in a folder or
 * file that one of the patterns below matches, or in marked lines; see {@link removeMarked} for the markers.
 */
export const LEGACY: Removal = {
  packages: ['@switchyard/backend-sqlite-vec', '@switchyard/legacy-conversion'],
  dependencies: ['better-sqlite3', '@types/better-sqlite3', 'sqlite-vec'],
  scripts: ['bench:compare', 'rehearse:removal'],
  paths: [
    /^packages\/(?:backend-sqlite-vec|legacy-conversion)\//,
    /(?:^|\/)legacy\//,
    /\.legacy\.[\w.]+$/,
    /^release\/src\/rehearsal\//,
  ],
  rows: /^\| \[?`(?:sqlite-vec[: `]|backend-sqlite-vec`|legacy-conversion`|convert |npm run rehearse:removal`)|`(?:backend-sqlite-vec|legacy-conversion)\/src\//,
  exceptions: [
    /^CHANGELOG\.md$/,
    /^docs\/decisions\//,
    /^docs\/guides\/(?:migrating-from-sqlite-vec|removing-the-legacy-backend)\.md$/,
  ],
  exportedNames: /legacy|sqliteVec/i,
};
