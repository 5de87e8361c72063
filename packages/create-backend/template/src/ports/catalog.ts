import type { CallRunner, Catalog } from '@switchyard/storage-core/backend';
import { notWritten } from '../not-written.js';
import type { Store } from '../store.js';

/**
 * Step 2. Reads the catalog. What does not exist is null or an empty list, never an error. Each read sees one state of the
 * store from beginning to end: `run(options, () => store.read(async (transaction) => …))`.
 */
export function catalogPort(_store: Store, run: CallRunner): Catalog {
  return {
    libraries: (options) => run(options, () => notWritten('catalog.libraries', 2)),
    library: (_ref, options) => run(options, () => notWritten('catalog.library', 2)),
    version: (_ref, options) => run(options, () => notWritten('catalog.version', 2)),
    versions: (_library, options) => run(options, () => notWritten('catalog.versions', 2)),
    versionsByStatus: (_statuses, options) => run(options, () => notWritten('catalog.versionsByStatus', 2)),
    versionsBySourceUrl: (_url, options) => run(options, () => notWritten('catalog.versionsBySourceUrl', 2)),
    overview: (options) => run(options, () => notWritten('catalog.overview', 2)),
    hasChunks: (_version, options) => run(options, () => notWritten('catalog.hasChunks', 2)),
    pages: (_request, options) => run(options, () => notWritten('catalog.pages', 2)),
    page: (_ref, options) => run(options, () => notWritten('catalog.page', 2)),
    chunks: (_ids, _version, options) => run(options, () => notWritten('catalog.chunks', 2)),
    chunksByUrl: (_version, _url, options) => run(options, () => notWritten('catalog.chunksByUrl', 2)),
    // selectRelatives() finds them in the outline of a page; checkRelativesRequest() checks the request.
    relatives: (_request, options) => run(options, () => notWritten('catalog.relatives', 2)),
    snapshot: (_request, options) => run(options, () => notWritten('catalog.snapshot', 2)),
  };
}
