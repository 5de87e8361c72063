import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { damagesFor } from '../soak/dist/damage/damages.js';
import { differentSteps, judgeDifferences, reporters, untypedFaults } from '../soak/dist/damage/judge.js';
import { summarize } from '../soak/dist/damage/report.js';
import { runDamage } from '../soak/dist/damage/run.js';
import type { Outcome, PlainReading, Question } from '../soak/dist/damage/types.js';
import { Progress } from '../soak/dist/harness/progress.js';
import { createRandom } from '../soak/dist/harness/random.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-soak-damage-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('every kind of damage', () => {
  /** Pages and a log of numbers, with the fields of the headers that are read. */
  function store(name: string): string {
    const file = join(folder, name);
    const bytes = Buffer.alloc(8 * 4_096, ' store page index Title "types" http ');
    bytes.writeUInt16BE(4_096, 16);
    for (let page = 0; page < 8; page++) bytes[page * 4_096 + 200] = page;
    writeFileSync(file, bytes);
    const log = Buffer.alloc(32 + 4 * (4_096 + 24), 1);
    log.writeUInt32BE(4_096, 8);
    for (let frame = 0; frame < 4; frame++) log[32 + frame * 4_120] = frame;
    writeFileSync(`${file}-wal`, log);
    return file;
  }
  const contents = (file: string) =>
    ['', '-wal', '-journal'].map((suffix) => {
      try {
        return readFileSync(file + suffix, 'base64');
      } catch {
        return null;
      }
    });

  it.each(damagesFor(store('all.db')).map(({ name }) => name))('%s repeats with its seed', (name) => {
    const [one, two] = [store(`${name}-1.db`), store(`${name}-2.db`)];
    const sound = contents(one);
    // Another seed where this one swaps a page with itself.
    const changed = ['a', 'b', 'c', 'd'].map((seed) => {
      const details = [one, two].map((file) => {
        store(file.slice(folder.length + 1));
        rmSync(`${file}-journal`, { force: true });
        return damagesFor(file)
          .find((damage) => damage.name === name)
          ?.apply(file, createRandom(seed));
      });
      expect(details[0]).toBe(details[1]);
      expect(contents(one)).toEqual(contents(two));
      return JSON.stringify(contents(one)) !== JSON.stringify(sound);
    });
    expect(changed).toContain(true);
  });
});

describe('judging the answers of a damaged store', () => {
  const questions: readonly Question[] = [{ op: 'pages', versionId: 1 }];
  const step = 'pages#0';
  const answer = (value: unknown): Outcome => ({ kind: 'answer', value });
  const sound = new Map([[step, answer(['a'])]]);
  const reading = (value: unknown, table: string, rows = true): PlainReading => ({
    answers: [value],
    objects: { 'table pages': table },
    integrity: rows,
    rows,
  });
  const plainSound = reading(['a'], 'digest');
  const judge = (value: unknown, plain: PlainReading, steps: readonly string[] = [step]) =>
    judgeDifferences(steps, questions, new Map([[step, answer(value)]]), plainSound, plain);

  it('compares answers, not errors', () => {
    expect(differentSteps(questions, sound, new Map([[step, answer(['b'])]]))).toEqual([step]);
    expect(differentSteps(questions, sound, new Map([[step, answer(['a'])]]))).toEqual([]);
    const error: Outcome = { kind: 'error', code: 'STORAGE_CORRUPT', message: 'damaged' };
    expect(differentSteps(questions, sound, new Map([[step, error]]))).toEqual([]);
  });

  it('finds no fault if plain SQLite reads the same or reads its tables differently', () => {
    expect(judge(['b'], reading(['b'], 'other'))).toMatchObject({
      faults: [],
      silent: [{ sameAsPlain: true }],
    });
    expect(judge(['b'], reading(['a'], 'other'))).toMatchObject({
      faults: [],
      silent: [{ where: 'table pages' }],
    });
  });

  it('finds a fault if plain SQLite reads everything as before, or fails', () => {
    expect(judge(['b'], plainSound).faults).toMatchObject([{ kind: 'unseen' }]);
    expect(judge(['b'], reading('error: malformed', 'error: malformed')).faults).toMatchObject([
      { kind: 'unseen', detail: expect.stringContaining('malformed') },
    ]);
  });

  it('finds a fault if a new store was made from one that fails the check of its tables', () => {
    const judged = (rows: boolean) => judge([], reading(['a'], 'other', rows), ['command-convert']);
    expect(judged(false).faults).toMatchObject([{ kind: 'unseen', step: 'command-convert' }]);
    expect(judged(true).faults).toEqual([]);
  });

  it('accepts typed errors, except those that indicate a bug', () => {
    const error = (code: string): Outcome => ({ kind: 'error', code, message: 'it failed' });
    expect(untypedFaults(new Map([['open', error('STORAGE_CORRUPT')]]))).toEqual([]);
    expect(untypedFaults(new Map([['open', error('STORAGE_INTERNAL')]]))).toMatchObject([
      { kind: 'untyped' },
    ]);
    expect(untypedFaults(new Map([['open', { kind: 'raw', message: 'TypeError' } as const]]))).toMatchObject([
      { kind: 'untyped' },
    ]);
    const command = answer({ exitCode: 1, stdout: '', codes: ['CLI_UNEXPECTED'], messages: ['?'] });
    expect(untypedFaults(new Map([['command-check', command]]))).toMatchObject([{ kind: 'untyped' }]);
  });

  it('lists the checks that reported the damage', () => {
    const command = (exitCode: number): Outcome => answer({ exitCode, stdout: '', codes: [], messages: [] });
    const outcomes = (exitCode: number, problems: number) =>
      new Map([
        ['audit-fts', answer(problems)],
        ['command-check', command(exitCode)],
      ]);
    expect(reporters(outcomes(0, 0), outcomes(1, 2))).toEqual(['audit-fts', 'command-check']);
    expect(reporters(outcomes(0, 0), outcomes(0, 0))).toEqual([]);
  });
});

it('damaged stores cause no abort or hang, only typed errors', async () => {
  // The short form of `npm run soak:damage`: each file is opened by several processes.
  const count = 12;
  const results = await runDamage(
    {
      seed: 'ci',
      count,
      only: null,
      workers: 2,
      state: join(folder, 'damage.jsonl'),
      fresh: true,
      json: false,
      keep: false,
      case: null,
    },
    new Progress({ write: () => true, isTTY: false }),
    false,
  );
  const { files, faults } = summarize(results);
  expect(faults).toEqual([]);
  expect(files).toBe(count);
}, 600_000);
