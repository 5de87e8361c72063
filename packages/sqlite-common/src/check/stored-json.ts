import type { DamageList } from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';

/** The CASE keeps json_type() from seeing text that json_valid() rejected. */
const METADATA = `
  SELECT id
  FROM documents
  WHERE metadata IS NOT NULL
    AND NOT CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE 0 END
  ORDER BY id`;

const SCRAPER_OPTIONS = `
  SELECT id
  FROM versions
  WHERE scraper_options IS NOT NULL
    AND NOT CASE WHEN json_valid(scraper_options) THEN json_type(scraper_options) = 'object' ELSE 0 END
  ORDER BY id`;

/** Adds stored JSON that does not parse or is not an object. */
export function checkJson(driver: SqliteDriver, list: DamageList): void {
  for (const { id } of driver.all<{ id: number }>(METADATA)) {
    list.add({
      code: 'json',
      detail: 'The metadata of a chunk is not a JSON object: its types and heading path are lost.',
      example: `chunk ${id}`,
      advice: 'Index its page again (`switchyard index … --force`), or restore a backup.',
    });
  }
  for (const { id } of driver.all<{ id: number }>(SCRAPER_OPTIONS)) {
    list.add({
      code: 'json',
      detail: 'The scraper options of a version are not a JSON object.',
      example: `version ${id}`,
      advice: 'Index the version again, which stores them again.',
    });
  }
}
