import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import { beforeAll, describe, expect, it } from 'vitest';
import { switchyard } from './support/command.js';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const replica = join(folder, 'replica.db');
const other = join(folder, 'other.db');
const legacy = join(folder, 'legacy.db'); // @legacy
const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const connections = [
  replica,
  other,
  `sqlite-vec:${legacy}`, // @legacy
];

beforeAll(async () => {
  const container = createContainer({ modules, env: {} });
  for (const connection of connections) {
    const store = await container.openBackend(connection);
    await store.migrator.migrate(); // opening creates nothing
  }
  await container.close();
  writeFileSync(`${replica}-client_wal_index`, Buffer.alloc(32));
});

describe('the file of a replica without its server', () => {
  it.each([
    ['doctor', replica],
    ['inspect', `file:${replica}`],
    ['libraries', replica],
    ['libraries', `sqlite-vec:${replica}`], // @legacy
    ['copy', replica, join(folder, 'new.db')],
    ['copy', other, replica],
    // @legacy-begin
    ['convert', replica, '--to', join(folder, 'new.db')],
    ['convert', legacy, '--to', replica],
    ['convert', legacy, '--to', replica, '--dry-run'],
    // @legacy-end
  ])('is refused with the correct form: %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await switchyard(args);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain(`file:${replica}?syncUrl=URL`);
  });
});
