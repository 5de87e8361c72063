import {
  bucketOf,
  enrolledStore,
  isSelected,
  lowerStage,
  nextStage,
  planRead,
  type Resolution,
  readStage,
  resolveAuthority,
  type Stage,
  type StoreRecords,
  stageAfter,
  stagePlans,
  stages,
  transact,
} from '@switchyard/storage-rollout';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('stages', () => {
  it('go up one at a time, down by any number, and a promotion clears the latch', () => {
    const row = { revision: 1, stage: 'shadow', latched: true } as const;
    expect(stageAfter(row, { kind: 'promote' })).toEqual({ revision: 2, stage: 'live', latched: false });
    expect(stageAfter(row, { kind: 'demote', to: 'off' })).toEqual({
      revision: 2,
      stage: 'off',
      latched: false,
    });
    expect(stageAfter(row, { kind: 'latch', to: 'dualwrite' })).toMatchObject({ latched: true });
    expect(stageAfter(row, { kind: 'demote', to: 'live' })).toBeNull();
    expect(stageAfter(row, { kind: 'demote', to: 'shadow' })).toBeNull();
    expect(stageAfter({ ...row, stage: 'complete' }, { kind: 'promote' })).toBeNull();
    expect(stages.map(nextStage)).toEqual(['dualwrite', 'shadow', 'live', 'rampdown', 'complete', null]);
  });

  it('write second only what is not the authority, and return from a side that is written', () => {
    for (const { authority, secondary, read, compared, fallback } of Object.values(stagePlans)) {
      expect(secondary).not.toBe(authority);
      expect(read).toBe(authority);
      expect([null, secondary]).toContain(compared);
      expect([null, secondary]).toContain(fallback);
    }
  });

  it('are lowered and never raised by a flag', () => {
    fc.assert(
      fc.property(fc.constantFrom(...stages), fc.constantFrom(...stages), (persisted, flag) => {
        const read = readStage(persisted, { kind: 'known', stage: flag });
        expect(read).toBe(lowerStage(persisted, flag));
        expect(readStage(persisted, { kind: 'unknown', reason: 'down', last: null })).toBe(persisted);
        expect(readStage(persisted, { kind: 'unknown', reason: 'down', last: flag })).toBe(read);
      }),
    );
  });
});

describe('I7: the authority of contradicting or unreadable rows', () => {
  const row = (epoch: number, holder: 'old' | 'new') => ({ epoch, holder });

  it.each<[string, Parameters<typeof resolveAuthority>[0], Resolution]>([
    ['agreed', { old: row(3, 'new'), new: row(3, 'new') }, { kind: 'held', side: 'new', epoch: 3 }],
    ['raised', { old: row(4, 'old'), new: row(3, 'old') }, { kind: 'held', side: 'old', epoch: 4 }],
    ['fenced', { old: row(4, 'new'), new: row(3, 'old') }, { kind: 'moving', to: 'new', epoch: 4 }],
    ['admitted', { old: row(4, 'new'), new: row(4, 'new') }, { kind: 'held', side: 'new', epoch: 4 }],
    ['turned back', { old: row(4, 'new'), new: row(5, 'old') }, { kind: 'moving', to: 'old', epoch: 5 }],
    ['forced', { old: row(6, 'old'), new: row(5, 'new') }, { kind: 'held', side: 'old', epoch: 6 }],
    ['the holder is readable', { old: null, new: row(5, 'new') }, { kind: 'held', side: 'new', epoch: 5 }],
    ['the holder is not readable', { old: null, new: row(5, 'old') }, { kind: 'unknown' }],
    ['nothing is readable', { old: null, new: null }, { kind: 'unknown' }],
    ['both hold one epoch', { old: row(5, 'old'), new: row(5, 'new') }, { kind: 'unknown' }],
  ])('%s', (_name, rows, expected) => {
    expect(resolveAuthority(rows)).toEqual(expected);
  });

  it('never sends a write where a higher epoch is known', () => {
    const any = fc.option(
      fc.record({
        epoch: fc.integer({ min: 1, max: 4 }),
        holder: fc.constantFrom('old' as const, 'new' as const),
      }),
    );
    fc.assert(
      fc.property(any, any, (ofOld, ofNew) => {
        const found = resolveAuthority({ old: ofOld, new: ofNew });
        if (found.kind === 'unknown') return;
        expect(found.epoch).toBe(Math.max(ofOld?.epoch ?? 0, ofNew?.epoch ?? 0));
      }),
    );
  });
});

describe('the side that is read', () => {
  const held = (side: 'old' | 'new'): Resolution => ({ kind: 'held', side, epoch: 2 });

  it.each<[Stage, Resolution, boolean, string, string | null]>([
    ['shadow', held('old'), true, 'old', null],
    ['live', held('old'), true, 'old', 'new'],
    ['live', held('old'), false, 'old', null],
    ['live', held('new'), true, 'new', 'old'],
    ['live', held('new'), false, 'new', null],
    ['shadow', held('new'), true, 'old', null],
    ['shadow', held('new'), false, 'new', null],
    ['off', held('new'), false, 'new', null],
    ['rampdown', held('new'), true, 'new', null],
    ['live', { kind: 'moving', to: 'new', epoch: 2 }, false, 'old', null],
  ])('%s, %o, other clean: %s', (stage, authority, isOtherClean, side, fallback) => {
    expect(planRead({ stage, authority, isOtherClean })).toMatchObject({ side, fallback });
  });

  it('is the authority or clean, whatever the stage', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...stages),
        fc.constantFrom('old', 'new'),
        fc.boolean(),
        (stage, holder, isClean) => {
          const { side, fallback } = planRead({ stage, authority: held(holder), isOtherClean: isClean });
          for (const read of [side, fallback ?? side]) expect(read === holder || isClean).toBe(true);
        },
      ),
    );
  });
});

describe('libraries that move', () => {
  it('stay the same as the percentage rises, and are about as many as it says', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `library-${index}`);
    const selected = (percentage: number) =>
      names.filter((name) => isSelected(name, { percentage, include: [], exclude: [] }));
    const tenth = selected(10);
    expect(tenth.length).toBeGreaterThan(150);
    expect(tenth.length).toBeLessThan(250);
    expect(selected(50)).toEqual(expect.arrayContaining(tenth));
    expect(selected(0)).toEqual([]);
    expect(selected(100)).toEqual(names);
  });

  it('have the same bucket in every release', () => {
    expect(['fastify', 'Fastify', 'react', ''].map(bucketOf)).toMatchInlineSnapshot(`
      [
        2205,
        2205,
        5494,
        1652,
      ]
    `);
  });

  it('follow the lists; exclusion wins', () => {
    const lists = { include: ['A', 'b'], exclude: ['B'] };
    expect(isSelected('a', { percentage: 0, ...lists })).toBe(true);
    expect(isSelected('b', { percentage: 100, ...lists })).toBe(false);
  });

  it.each([-1, 101, Number.NaN])('refuse %d percent', (percentage) => {
    expect(() => isSelected('a', { percentage, include: [], exclude: [] })).toThrow(TypeError);
  });
});

describe('a log that is shorter than what was seen of it', () => {
  const library = 'lib';
  const write = (records: StoreRecords, operation: string) =>
    transact(records, { kind: 'write', library, page: 'a', action: 'replace', operation, epoch: 1 });

  it('raises the epoch, skips ids and counts as dirty until the gap is closed', () => {
    const restored = write(enrolledStore('old', { [library]: { a: 1 } }), 'w1').records;
    const seen = { epoch: 1, sequence: 2 };
    expect(transact(restored, { kind: 'takeChange', library, seen }).answer).toEqual({
      kind: 'behind',
      epoch: 1,
    });

    const { records } = transact(restored, { kind: 'raise', library, expected: 1, seen });
    expect(records.libraries[library]).toMatchObject({
      authority: { epoch: 2, holder: 'old' },
      gaps: [{ epoch: 1, sequence: 1 }],
    });
    expect(records.nextId).toBeGreaterThan(restored.nextId);
    expect(write(records, 'w2').answer).toEqual({ kind: 'refused', reason: 'stale-epoch' });
    expect(transact(records, { kind: 'takePosition', library }).answer).toMatchObject({ reason: 'gap-open' });
    expect(transact(records, { kind: 'takeChange', library, seen }).answer).toMatchObject({ kind: 'gap' });
  });

  it('is left alone when it is as long', () => {
    const { records } = write(enrolledStore('old', { [library]: { a: 1 } }), 'w1');
    const seen = { epoch: 1, sequence: 1 };
    expect(transact(records, { kind: 'takeChange', library, seen }).answer).toMatchObject({ kind: 'change' });
    expect(transact(records, { kind: 'raise', library, expected: 1, seen }).records).toBe(records);
  });
});
