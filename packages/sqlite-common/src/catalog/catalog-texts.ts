/**
 * Text columns of the catalog by table, for code that reads or replaces stored text that is not UTF-8. A store of an
 * older schema level may lack some of them.
 */
export const CATALOG_TEXTS = {
  libraries: ['name', 'created_at'],
  versions: [
    'name',
    'status',
    'error_message',
    'source_url',
    'scraper_options',
    'created_at',
    'started_at',
    'updated_at',
  ],
  pages: [
    'url',
    'title',
    'etag',
    'last_modified',
    'content_type',
    'source_content_type',
    'created_at',
    'updated_at',
  ],
  documents: ['content', 'metadata', 'created_at'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
