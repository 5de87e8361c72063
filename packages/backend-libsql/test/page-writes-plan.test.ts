import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';

describe('writing pages with one statement', () => {
  it('looks up a page by its URL, without scanning all pages of the version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-plan-'));
    try {
      const path = join(folder, 'store.db');
      const backend = new LibsqlBackend({ location: { type: 'file', path } });
      await backend.open();
      await backend.vectors.reconcile({ model: 'test:model', dimension: 8 }, 'refuse');
      await backend.close();

      const database = new Database(path);
      const { sql } = database
        .prepare(`SELECT sql FROM sqlite_schema WHERE name = 'vector_page_writes_insert'`)
        .get([]) as { sql: string };
      const lookups = sql
        .replaceAll('NEW.pages', `'[]'`)
        .replaceAll('NEW.part', '0')
        .match(/UPDATE written_pages\s+SET page_id = [^;]*/g);
      expect(lookups).toHaveLength(2);
      for (const lookup of lookups ?? []) {
        const plan = database.prepare(`EXPLAIN QUERY PLAN ${lookup}`).all([]) as { detail: string }[];
        expect(plan.map(({ detail }) => detail).join('\n')).toContain(
          'pages USING COVERING INDEX pages_by_url (version_id=? AND url=?)',
        );
      }
      database.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
