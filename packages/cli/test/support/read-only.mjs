// Uses a store as a user without rights, and prints what became of each call.
import process from 'node:process';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { checkStore, isStorageError, parseConnectionString } from '@switchyard/storage-core';

if (process.getuid?.() === 0) {
  process.setgid(65534);
  process.setuid(65534);
}
const [, , connection] = process.argv;
const backends = [
  libsqlBackend,
  sqliteVecBackend, // @legacy
];
const parsed = parseConnectionString(connection, { backends });
const backend = backends.find(({ name }) => name === parsed.backend).create(parsed);

const results = {};
async function attempt(name, call) {
  try {
    const value = await call();
    results[name] = value === undefined ? 'done' : value;
  } catch (error) {
    if (!isStorageError(error)) throw error;
    const { code, message, advice, outcome } = error;
    results[name] = { code, message, advice, outcome };
  }
}

await attempt('open', () => backend.open());
await attempt('libraries', async () => (await backend.catalog.libraries()).length);
const version = { library: 'lib', version: '1' };
await attempt('match', async () => (await backend.fts.match({ version, terms: ['zebra'], limit: 5 })).length);
await attempt('inspect', async () => (await backend.inspect()).counts.chunks);
await attempt('audit', async () => (await backend.fts.audit()).problems);
await attempt('check', async () => (await checkStore(backend)).damages);
await attempt('apply', () => backend.apply([{ kind: 'resolveVersion', library: 'x', version: '' }]));
await attempt('close', () => backend.close());
process.stdout.write(JSON.stringify(results));
