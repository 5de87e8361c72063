import { chmodSync, existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe.skipIf(process.platform === 'win32')('a copy', () => {
  it('is as private as its source, of either backend', async () => {
    const docs = join(folder, 'docs');
    put(docs, 'a.md', '# A\n\nText.\n');
    const source = join(folder, 'source.db');
    await switchyardJson(['index', docs, '--library', 'a', '--store', source, '--embedder', 'none']);
    chmodSync(source, 0o600);
    const forms = [
      '',
      'sqlite-vec:', // @legacy
    ];
    for (const prefix of forms) {
      const target = join(folder, `copy${prefix.length}.db`);
      await switchyardJson(['copy', source, `${prefix}${target}`]);
      expect(modeOf(target)).toBe('600');
    }
  });

  it('is not created through a dangling link, and leaves nothing behind if it fails', async () => {
    const source = join(folder, 'source.db');
    const elsewhere = join(folder, 'elsewhere.db');
    symlinkSync(elsewhere, join(folder, 'link.db'));
    expect((await switchyard(['copy', source, join(folder, 'link.db')])).code).toBe(1);
    expect(existsSync(elsewhere)).toBe(false);
    const target = join(folder, 'never.db');
    expect((await switchyard(['copy', join(folder, 'none.db'), target])).code).toBe(1);
    expect(existsSync(target)).toBe(false);
  });
});
