import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { TemplateBackend } from '../src/index.js';

/**
 * Groups to run, by the steps of the guide. When they are green, take the comment marks off the next line. At the end,
 * remove `groups` altogether: then every group runs, and those that later versions of the suite add.
 */
const groups = [
  'lifecycle', // step 1; it is green once step 2 has written and read a first page
  // 'versions', 'migrator', // step 2: resolveVersion, removeVersion, setVersion…; catalog.library to catalog.overview
  // 'pages', 'catalog', 'relatives', // step 2: replacePage, deletePage, deletePages; the rest of the catalog
  // 'atomicity', 'calls', 'capabilities', 'reading', 'well-formed', // step 2: what holds for every method
  // 'document-store', 'event-loop', 'files', 'maintenance', 'persistence', // step 2: the store as a whole
  // 'ids', 'bulk-deletion', 'copying', // step 3: `assignedIds` and `bulkDeletion`
  // 'profile', 'vectors', 'vector-values', // step 4: the port `vectors`
  // 'filters', // step 5: `filters`
  // 'fts', 'fts-ranking', 'fts-scores', 'search', 'search-options', 'hostile', // step 6: the port `fts`
];

defineBackendConformance({
  name: 'template-scheme',
  /** A fresh, empty store for each test. A server can be shared: give each test a schema or a database of its own. */
  create() {
    const folder = mkdtempSync(join(tmpdir(), 'template-scheme-'));
    const make = () => new TemplateBackend({ location: join(folder, 'store') });
    return {
      backend: make(), // not open
      reopen: make, // another one on the same store
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  groups,
});
