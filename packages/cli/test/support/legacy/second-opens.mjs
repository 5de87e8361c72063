import { createRequire } from 'node:module';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { verifyStores } from '@switchyard/storage-core';

/** Differences of a legacy store from a libSQL store: kind legacy, or own-driver for an application's own connection. */
export function legacyVariant(kind, file) {
  if (kind === 'libsql') return { wrong: `sqlite-vec:${file}` };
  return {
    right: `sqlite-vec:${file}`,
    wrong: `file:${file}`,
    openWriter: kind === 'own-driver' ? () => openDriver(file) : null,
    convert: (command) => convert(file, command),
  };
}

/** The application has a driver of its own, and has the file open with it. */
function openDriver(file) {
  const Database = createRequire(new URL('../../../../backend-sqlite-vec/package.json', import.meta.url))(
    'better-sqlite3',
  );
  const database = new Database(file);
  const insert = database.prepare('INSERT INTO libraries (name) VALUES (?)');
  return async (name) => void insert.run(name);
}

async function convert(file, command) {
  const target = { type: 'file', path: `${file}.new.db` };
  await planConversion({ source: file, target });
  await convertLegacyStore({ source: file, target });
  const [one, other] = [new LegacySource({ path: file }), new LegacySource({ path: file })];
  await one.open();
  await other.open();
  await verifyStores(one, other, { deep: true });
  await one.close();
  await other.close();
  await command('convert', file, '--in-place'); // refused: this process has it open
}
