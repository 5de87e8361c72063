import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSqld, sqldHint } from '@switchyard/sqld';
import { afterAll, describe, expect, it } from 'vitest';
import { MODES, needsServer } from '../soak/dist/crash/modes.js';
import { summarize as sumCrashes } from '../soak/dist/crash/report.js';
import { runCrashes } from '../soak/dist/crash/run.js';
import type { SoakOptions } from '../soak/dist/harness/options.js';
import { Progress } from '../soak/dist/harness/progress.js';
import { canRecord, recordHint } from '../soak/dist/power/record.js';
import { summarize as sumCuts } from '../soak/dist/power/report.js';
import { runPower } from '../soak/dist/power/run.js';

// The short forms of `npm run soak:crash` and `npm run soak:power`: the whole way of each, with few cases.
const folder = mkdtempSync(join(tmpdir(), 'switchyard-soak-short-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function options(name: string, count: number, only: readonly string[] | null): SoakOptions {
  const state = join(folder, `${name}.jsonl`);
  return {
    seed: `ci-${name}`,
    count,
    only,
    workers: 1,
    state,
    fresh: true,
    json: false,
    keep: false,
    case: null,
  };
}
const quiet = new Progress({ write: () => true, isTTY: false });

const CRASHES_PER_MODE = 3;
describe('a store whose writers or servers are killed keeps every acknowledged write', () => {
  const haveServer = findSqld() !== null;
  it.each(MODES.map((mode) => ({ mode, possible: haveServer || !needsServer(mode) })))(
    '$mode',
    async ({ mode, possible }) => {
      if (!possible && process.env.CI === 'true')
        throw new Error(`CI runs with a real server. ${sqldHint()}`);
      if (!possible) return;
      const results = await runCrashes(options(mode, CRASHES_PER_MODE, [mode]), quiet, CRASHES_PER_MODE);
      const { faults, crashes, modes } = sumCrashes(results);
      expect(faults).toEqual([]);
      expect(crashes).toBe(CRASHES_PER_MODE);
      expect(modes[0]?.acknowledged).toBeGreaterThan(0);
      expect(modes[0]?.compared).toBeGreaterThan(0);
    },
  );
});

const recording = await canRecord();
describe.skipIf(!recording)(`power cuts${recording ? '' : ` (skipped: ${recordHint})`}`, () => {
  it.each([
    'libsql-small',
    'legacy-small', // @legacy
  ])('leave whole stores of %s', async (name) => {
    const { faults, images } = sumCuts(await runPower(options(name, 14, [name]), quiet));
    expect(faults).toEqual([]);
    expect(images).toBe(14);
  });

  it('are detected on a disk that ignores syncs', async () => {
    const { faults } = sumCuts(
      await runPower(options('no-syncs', 28, ['libsql-small']), quiet, (events) =>
        // The file is written back; the log that it comes from is said to be synced and is not.
        events.map((event) =>
          event.kind === 'sync' && event.name.endsWith('-wal') ? { ...event, since: 0 } : event,
        ),
      ),
    );
    expect(faults.length).toBeGreaterThan(0);
  });
});
