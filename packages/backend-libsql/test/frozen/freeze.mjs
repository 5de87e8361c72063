// Makes the frozen stores of schema level 1. Run once for each level, never again: what is in the repository stays.
//   node packages/backend-libsql/test/frozen/freeze.mjs FOLDER
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { startSqld } from '@switchyard/sqld';
import Database from 'libsql';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Give the folder that the stores are written to.');

const chunk = (content, index) => ({
  content,
  metadata: { types: ['text'], level: 1, path: ['Guide'] },
  vector: Float32Array.from({ length: 4 }, (_, at) => ((index * 7 + at * 3) % 11) + 1),
});

/** Two libraries; a page that was replaced and one that was deleted, so that ids have gaps. */
async function fill(backend) {
  await backend.open();
  await backend.vectors.reconcile({ model: 'frozen:four', dimension: 4, metric: 'cosine' }, 'refuse');
  const words = ['zebra', 'okapi', 'giraffe', 'lion', 'heron', 'otter'];
  for (const [library, version] of [
    ['fastify', '5.6.0'],
    ['pino', ''],
  ]) {
    for (let page = 0; page < 4; page++) {
      await backend.apply([
        {
          kind: 'replacePage',
          version: { library, version },
          page: { url: `/${page}`, title: `Page ${page}` },
          chunks: words.map((word, at) => chunk(`${word} ${page}`, page * 6 + at)),
        },
      ]);
    }
    await backend.apply([{ kind: 'deletePage', page: { version: { library, version }, url: '/3' } }]);
  }
  await backend.close();
}

const file = join(folder, 'level-1-file.db');
await fill(new LibsqlBackend({ location: { type: 'file', path: file } }));
writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));

// The database file of the server: what its own dump says of full text cannot be read back by SQLite.
const directory = mkdtempSync(join(tmpdir(), 'switchyard-frozen-'));
const server = await startSqld({ directory });
await fill(new LibsqlBackend({ location: { type: 'server', url: server.url } }));
await server.stop();
const data = join(directory, 'dbs', 'default', 'data');
const other = new Database(data);
other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]); // the server leaves its log
other.close();
writeFileSync(join(folder, 'level-1-server.db.gz'), gzipSync(readFileSync(data), { level: 9 }));
process.exit(0); // the binding keeps a handle on the server that is gone
