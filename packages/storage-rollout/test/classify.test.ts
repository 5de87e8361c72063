import { type ComparedHit, type Comparison, classify } from '@switchyard/storage-rollout';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const position = { epoch: 3, sequence: 7 };
const positions = [position, position, position, position];
const hit = (chunkId: number, score: number, digest?: string): ComparedHit => ({ chunkId, score, digest });
const hits = (...list: ComparedHit[]) => ({ kind: 'hits', hits: list }) as const;
const failed = (code: string) => ({ kind: 'failed', code }) as const;

const compare = (old: Comparison['old'], fresh: Comparison['new'], limit = 10) =>
  classify({ positions, old, new: fresh, limit });

const expected = hits(hit(1, 0.9), hit(2, 0.5), hit(3, 0.1));

describe('a mismatch has its classes', () => {
  it.each<[string, Comparison['new'], readonly string[]]>([
    ['error', failed('STORAGE_TIMEOUT'), ['error']],
    ['missing', hits(hit(1, 0.9), hit(3, 0.1)), ['missing']],
    ['extra', hits(hit(1, 0.9), hit(2, 0.5), hit(4, 0.3), hit(3, 0.1)), ['extra']],
    ['order', hits(hit(2, 0.5), hit(1, 0.9), hit(3, 0.1)), ['order']],
    ['score', hits(hit(1, 0.9), hit(2, 0.51), hit(3, 0.1)), ['score']],
    ['staleness', hits(hit(1, 0.9, 'other'), hit(2, 0.5), hit(3, 0.1)), ['staleness']],
    ['several', hits(hit(2, 0.6), hit(1, 0.9)), ['missing', 'score', 'order']],
  ])('%s', (_name, found, classes) => {
    expect(compare(expected, found)).toEqual({ kind: 'mismatch', classes });
  });

  it('error, also when only the old side fails or both fail differently', () => {
    expect(compare(failed('STORAGE_BUSY'), expected)).toEqual({ kind: 'mismatch', classes: ['error'] });
    expect(compare(failed('STORAGE_BUSY'), failed('STORAGE_TIMEOUT')).kind).toBe('mismatch');
    expect(compare(failed('STORAGE_NOT_FOUND'), failed('STORAGE_NOT_FOUND')).kind).toBe('equal');
  });
});

describe('near ties of float32 are no mismatch', () => {
  const next = Math.fround(0.5 + 2 ** -24);

  it('in the order', () => {
    expect(compare(hits(hit(1, 0.5), hit(2, 0.5)), hits(hit(2, next), hit(1, 0.5))).kind).toBe('equal');
  });

  it('at the limit', () => {
    const [old, fresh] = [hits(hit(1, 0.9), hit(2, 0.5)), hits(hit(1, 0.9), hit(3, next))];
    expect(compare(old, fresh, 2).kind).toBe('equal');
    expect(compare(old, fresh, 3)).toEqual({ kind: 'mismatch', classes: ['missing', 'extra'] });
  });

  it('but a difference that float32 can tell is one', () => {
    expect(compare(hits(hit(1, 0.5), hit(2, 0.4999)), hits(hit(2, 0.4999), hit(1, 0.5))).kind).toBe(
      'mismatch',
    );
  });
});

describe('sides that rank in different ways', () => {
  const judge = (old: Comparison['old'], fresh: Comparison['new'], limit: number) =>
    classify({ positions, old, new: fresh, limit, sameRanking: false });

  it('owe each other the same hits, in any order and with any scores', () => {
    expect(judge(expected, hits(hit(3, 7), hit(1, 2), hit(2, 1)), 10).kind).toBe('equal');
    expect(judge(expected, hits(hit(3, 7), hit(1, 2)), 10)).toEqual({
      kind: 'mismatch',
      classes: ['missing'],
    });
    const stale = hits(hit(3, 7), hit(1, 2, 'other'), hit(2, 1));
    expect(judge(expected, stale, 10)).toEqual({ kind: 'mismatch', classes: ['staleness'] });
  });

  it('may have other hits in lists that were cut off', () => {
    expect(judge(expected, hits(hit(3, 7), hit(4, 2), hit(5, 1)), 3).kind).toBe('equal');
  });
});

describe('a comparison is undecided', () => {
  it.each([
    ['the authority moved on', [position, position, { epoch: 3, sequence: 8 }, position]],
    ['the sides differ', [position, { epoch: 2, sequence: 7 }, position, { epoch: 2, sequence: 7 }]],
    ['a side was dirty', [position, null, position, position]],
    ['nothing is known', []],
  ])('when %s, equal or not', (_name, read) => {
    for (const fresh of [expected, hits()]) {
      expect(classify({ positions: read, old: expected, new: fresh, limit: 10 })).toEqual({
        kind: 'undecided',
      });
    }
  });
});

it('is symmetric, and any list equals itself', () => {
  const list = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.float({ min: 0, max: 1, noNaN: true })), {
      selector: ([id]) => id,
      maxLength: 6,
    })
    .map((pairs) => hits(...pairs.map(([id, score]) => hit(id, score)).sort((a, b) => b.score - a.score)));
  fc.assert(
    fc.property(list, list, fc.integer({ min: 1, max: 6 }), (a, b, limit) => {
      expect(compare(a, a, limit).kind).toBe('equal');
      expect(compare(a, b, limit).kind).toBe(compare(b, a, limit).kind);
    }),
  );
});
