/** Subject of a group of contract tests, and the part of the ports it is about. */
export interface ContractGroup {
  /** First part of the ids of its tests. */
  readonly name: string;
  /** Port or method, as in `StorageBackend`. */
  readonly port: string;
  /** Subject, as part of a sentence. */
  readonly subject: string;
}

/** All groups, in the order in which an author fills the methods of a backend. */
export const contractGroups: readonly ContractGroup[] = [
  { name: 'lifecycle', port: 'open, close', subject: 'opening, closing and draining' },
  { name: 'files', port: 'open, close', subject: 'files that are deleted or replaced while they are open' },
  { name: 'calls', port: 'every method', subject: 'aborted and late calls' },
  { name: 'event-loop', port: 'every method', subject: 'turns of the event loop during long work' },
  {
    name: 'capabilities',
    port: 'capabilities',
    subject: 'what is declared exists, and what is not is refused',
  },
  { name: 'migrator', port: 'migrator', subject: 'the schema: status, plan, migration' },
  { name: 'maintenance', port: 'maintenance', subject: 'checks and repairs of a sound store' },
  { name: 'reading', port: 'every read', subject: 'reading creates and changes nothing' },
  { name: 'versions', port: 'apply, catalog', subject: 'libraries and versions' },
  { name: 'pages', port: 'apply, catalog', subject: 'pages and their chunks' },
  { name: 'bulk-deletion', port: 'apply', subject: 'libraries, filtered pages and everything, in one call' },
  { name: 'ids', port: 'apply', subject: 'ids that callers assign' },
  { name: 'catalog', port: 'catalog', subject: 'lists, filters and orders' },
  { name: 'relatives', port: 'catalog.relatives', subject: 'parents, children and siblings of chunks' },
  { name: 'atomicity', port: 'apply', subject: 'lists of writes that fail midway, and concurrent ones' },
  { name: 'vectors', port: 'vectors', subject: 'nearest chunks: distances, ties, limits' },
  { name: 'vector-values', port: 'vectors, apply', subject: 'every bit of a vector' },
  { name: 'profile', port: 'vectors', subject: 'the model, dimension and metric of a store' },
  { name: 'staging', port: 'staging', subject: 'vectors of another model beside the old ones' },
  { name: 'reembedding', port: 'staging', subject: 'the job that changes the model' },
  { name: 'fts', port: 'fts', subject: 'full-text search' },
  { name: 'fts-ranking', port: 'fts', subject: 'what every ranking of full text owes' },
  { name: 'fts-scores', port: 'fts', subject: 'the scores of FTS5, with the ranking `fts5-bm25`' },
  { name: 'candidates', port: 'candidates', subject: 'both lists of a hybrid search in one call' },
  { name: 'candidates-of-many', port: 'candidates', subject: 'candidates of several versions' },
  { name: 'filters', port: 'vectors, fts, candidates', subject: 'searches restricted to some chunks' },
  { name: 'copying', port: 'catalog.snapshot, apply', subject: 'whole stores, copied in both directions' },
  { name: 'document-store', port: 'DocumentStore', subject: 'what applications call' },
  { name: 'search', port: 'DocumentStore', subject: 'searches of applications' },
  { name: 'search-options', port: 'DocumentStore', subject: 'filters, snippets and reranking in searches' },
  { name: 'hostile', port: 'every method', subject: 'any text, in every place that takes text' },
  { name: 'well-formed', port: 'every method', subject: 'halves of surrogate pairs, and metadata' },
  { name: 'model', port: 'every method', subject: 'random stories, compared with the reference backend' },
  { name: 'change-log', port: 'changeLog', subject: 'positions, puts and fences of a rollout' },
  { name: 'persistence', port: 'open, close', subject: 'a store that is reopened, and opened twice' },
];
