import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../tests/support/random.mjs';
import { switchyardJson, switchyardProcess } from '../support/command.js';
import { hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

/** Number of copies killed in each direction. More take longer and find more. */
const KILLS = Number(process.env.SWITCHYARD_KILLS ?? 3);

const folder = temporaryFolder();
const random = seededRandom();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** Copies, kills the command somewhere in between, and gives whether it had ended before. */
async function copyAndKill(from: string, to: string): Promise<boolean> {
  const { code } = await switchyardProcess(['copy', from, to], {
    onStart: (child) => {
      // From the first sign of work: starting takes longer than the copy itself.
      child.stderr?.once('data', () => setTimeout(() => child.kill('SIGKILL'), random() * 400));
    },
  });
  return code === 0;
}

describe.skipIf(!hasFixtures)(`a copy that is killed${note}`, () => {
  it.each([
    ['to libSQL', (name: string) => `file:${join(folder, name)}`],
    ['to a legacy file', (name: string) => `sqlite-vec:${join(folder, name)}`],
  ])(
    `%s, ${KILLS} times: the target opens, is sound, and is finished by the next run`,
    async (kind, nameTarget) => {
      const legacy = unpack('level-14-three-libraries', folder);
      const from = `sqlite-vec:${legacy}`;
      const before = readFileSync(legacy);
      for (let kill = 0; kill < KILLS; kill++) {
        const name = `${kind.replaceAll(' ', '-')}-${kill}.db`;
        const to = nameTarget(name);
        const ended = await copyAndKill(from, to);
        if (existsSync(join(folder, name))) {
          const opened = (await switchyardJson(['inspect', to])) as {
            counts: { chunks: number; vectors: number };
            vectorStats?: { unusable: number };
          };
          // Pages are written whole: a chunk is there with its vector or not at all.
          expect(opened.counts.vectors).toBe(opened.counts.chunks);
          expect(opened.counts.chunks).toBeLessThanOrEqual(573);
          if (ended) expect(opened.counts.chunks).toBe(573);
        }
        expect(await switchyardJson(['copy', from, to])).toMatchObject({ chunks: 573 });
        expect(await switchyardJson(['verify', from, to, '--deep'])).toMatchObject({
          equal: true,
          deep: true,
        });
      }
      expect(readFileSync(legacy).equals(before)).toBe(true);
    },
    120_000 + KILLS * 60_000,
  );
});
