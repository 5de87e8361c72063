import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { schemaSteps, stepChecksum } from '../src/schema/levels.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

/** The first write makes the schema: opening a new file leaves it empty. */
async function writeFirst(file: string): Promise<void> {
  const store = await openStore(file);
  await store.apply([page('/', [chunk('zebra')])]);
  await store.close();
}

describe('the steps of the schema', () => {
  it('are recorded with a hash of their text that ignores comments and whitespace', async () => {
    const file = tempFile();
    await writeFirst(file);
    const recorded = new Database(file)
      .prepare('SELECT id, name, checksum FROM switchyard_migrations')
      .all([]);
    expect(recorded).toEqual(
      schemaSteps.map((step) => ({ id: step.level, name: step.name, checksum: stepChecksum(step) })),
    );
    const [first] = schemaSteps;
    if (first === undefined) throw new Error('There are no steps.');
    expect(stepChecksum({ ...first, sql: `-- said better\n${first.sql.replaceAll('\n', '\n\n')}` })).toBe(
      stepChecksum(first),
    );
    expect(stepChecksum({ ...first, sql: first.sql.replace('TEXT', 'BLOB') })).not.toBe(stepChecksum(first));
  });

  it('with another text are refused', async () => {
    const file = tempFile();
    await writeFirst(file);
    const database = new Database(file);
    database.prepare('UPDATE switchyard_migrations SET checksum = ?').run(['0'.repeat(64)]);
    database.close();
    await expect(openStore(file)).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
      message: expect.stringContaining('001-baseline'),
    });
  });
});
