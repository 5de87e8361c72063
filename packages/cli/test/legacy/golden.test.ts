import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLines, switchyard } from '../support/command.js';
import { asQueries, type GoldenSearch, golden, hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

/** The expected ranking in the form of an answer. */
function expected(searches: readonly GoldenSearch[]): unknown[] {
  return searches.map(({ library, version, text, limit, hits }) => ({ library, version, text, limit, hits }));
}

describe.skipIf(!hasFixtures)('golden rankings (needs ../shared/fixtures)', () => {
  const folder = temporaryFolder();

  describe.each([
    ['level-14-three-libraries', 'level-14-three-libraries.hybrid'],
    ['level-14-no-embeddings', 'level-14-no-embeddings.words'],
  ])('%s', (store, name) => {
    it('come out of the legacy store', async () => {
      const searches = golden(name);
      const queries = join(folder, `${name}.jsonl`);
      writeFileSync(queries, asQueries(searches));
      const legacy = `sqlite-vec:${unpack(store, folder)}`;
      const { code, stdout, stderr } = await switchyard(['search', legacy, '--queries', queries]);
      expect(stderr).not.toContain('error');
      expect(code).toBe(0);
      expect(jsonLines(stdout)).toEqual(expected(searches));
    });

    it('come out of libSQL after copying', async () => {
      const searches = golden(name);
      const legacy = `sqlite-vec:${unpack(store, folder)}`;
      const copy = `file:${join(folder, `${name}-copy.db`)}`;
      const copied = await switchyard(['copy', legacy, copy, '--json']);
      expect(copied.stderr).not.toContain('"error"');
      expect(copied.code).toBe(0);
      const { code, stdout } = await switchyard(['search', copy, '--queries', '-'], {
        input: asQueries(searches),
      });
      expect(code).toBe(0);
      expect(jsonLines(stdout)).toEqual(expected(searches));
    });
  });
});
