import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { parseConnectionString } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const backends = [libsqlBackend, sqliteVecBackend];

const LEGACY = `
  CREATE TABLE _schema_migrations (id TEXT PRIMARY KEY, applied_at DATETIME);
  INSERT INTO _schema_migrations (id) VALUES ('014-partition-keys.sql');
  CREATE TABLE documents (id INTEGER PRIMARY KEY, content TEXT)`;
const LIBSQL = `
  CREATE TABLE switchyard_meta (key TEXT PRIMARY KEY, value TEXT);
  INSERT INTO switchyard_meta VALUES ('schema_level', '1')`;

/** A database that stores text as UTF-16, which only its first table decides. */
function makeUtf16(name: string, encoding: string, sql: string, journal = 'DELETE'): string {
  const file = join(folder, `${name}-${encoding}.db`);
  const database = new Database(file);
  database.pragma(`encoding = '${encoding}'`);
  database.pragma(`journal_mode = ${journal}`);
  database.exec(sql);
  database.close();
  return file;
}

function open(connection: string): Promise<void> {
  const parsed = parseConnectionString(connection, { backends });
  const definition = backends.find(({ name }) => name === parsed.backend);
  return definition?.create(parsed, { mustExist: true }).open() ?? Promise.reject(new TypeError(connection));
}

const refused = {
  code: 'STORAGE_NOT_SUPPORTED',
  message: expect.stringMatching(/UTF-16.*Nothing was changed/),
  advice: expect.stringContaining('.dump'),
};

describe.each(['UTF-16le', 'UTF-16be'])(
  'a store with text in %s is refused before it is read',
  (encoding) => {
    it('by both backends', async () => {
      for (const journal of ['DELETE', 'WAL']) {
        const legacy = makeUtf16(`legacy-${journal}`, encoding, LEGACY, journal);
        const libsql = makeUtf16(`libsql-${journal}`, encoding, LIBSQL, journal);
        const before = [legacy, libsql].map((file) => readFileSync(file));
        await expect(open(`sqlite-vec:${legacy}`)).rejects.toMatchObject(refused);
        await expect(open(`file:${libsql}`)).rejects.toMatchObject(refused);
        expect([legacy, libsql].map((file) => readFileSync(file))).toEqual(before);
      }
    });

    it('by conversion and its plan', async () => {
      const source = makeUtf16('convert', encoding, LEGACY);
      const target = { type: 'file', path: join(folder, 'target.db') } as const;
      await expect(planConversion({ source, target })).rejects.toMatchObject(refused);
      await expect(convertLegacyStore({ source, target })).rejects.toMatchObject(refused);
      await expect(new LegacySource({ path: source }).open()).rejects.toMatchObject(refused);
    });

    it('and a database of other software stays one', async () => {
      const file = makeUtf16('foreign', encoding, 'CREATE TABLE accounts (id INTEGER)');
      for (const scheme of ['file:', 'sqlite-vec:']) {
        await expect(open(`${scheme}${file}`)).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
      }
    });
  },
);
