import type { Capabilities, ChunkInput, EmbeddingProfile, Mutation } from '@switchyard/storage-core';
import {
  checkMutations,
  hasAssignedIds,
  planReconcile,
  wantedProfile,
} from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

const capabilities: Capabilities = {
  metrics: ['l2', 'cosine'],
  searchModes: ['exact'],
  maxDimension: 8,
  persistent: false,
  multiProcess: false,
};
const profile: EmbeddingProfile = { model: 'a', dimension: 2, metric: 'cosine' };
const version = { library: 'l', version: '1' };
const page = { url: '/p' };
const chunk: ChunkInput = { content: 'text', metadata: { types: [], level: 1, path: [] }, vector: null };
const library = { id: 1, name: 'l', createdAt: null };

const withoutIds: readonly Mutation[] = [
  { kind: 'resolveVersion', ...version },
  { kind: 'replacePage', version, page, chunks: [chunk] },
  { kind: 'deletePage', page: { pageId: 7 } },
  { kind: 'setVersionStatus', version: { versionId: 3 }, status: 'failed' },
];
const withIds: readonly Mutation[] = [
  { kind: 'resolveVersion', ...version, ids: { libraryId: 1, versionId: 2 } },
  { kind: 'putLibrary', library },
  { kind: 'replacePage', version, page: { ...page, id: 4 }, chunks: [] },
  { kind: 'replacePage', version, page, chunks: [{ ...chunk, id: 5 }] },
];

describe('hasAssignedIds', () => {
  it.each(withoutIds)('is false for %j', (mutation) => expect(hasAssignedIds(mutation)).toBe(false));
  it.each(withIds)('is true for %j', (mutation) => expect(hasAssignedIds(mutation)).toBe(true));
});

describe('checkMutations', () => {
  const check = (mutations: readonly Mutation[], more: Partial<Capabilities> = {}) =>
    checkMutations('shelf', { ...capabilities, ...more }, profile, mutations);

  it('accepts what the capabilities allow', () => {
    expect(() => check(withoutIds)).not.toThrow();
    expect(() => check(withIds, { assignedIds: true })).not.toThrow();
    expect(() => check([{ kind: 'clear' }], { bulkDeletion: true })).not.toThrow();
  });

  it.each([
    [withIds.at(-1), { code: 'STORAGE_NOT_SUPPORTED', details: { capability: 'assignedIds' } }],
    [{ kind: 'clear' }, { code: 'STORAGE_NOT_SUPPORTED', details: { capability: 'bulkDeletion' } }],
    [{ ...withoutIds[1], model: 'b' }, { code: 'STORAGE_MODEL_CHANGED' }],
    [
      { ...withoutIds[1], chunks: [{ ...chunk, vector: new Float32Array(3) }] },
      { code: 'STORAGE_DIMENSION_MISMATCH' },
    ],
    [{ ...withoutIds[1], chunks: 'all' }, { name: 'TypeError' }],
  ])('refuses %j', (mutation, error) => {
    expect(() => check([mutation as Mutation])).toThrow(expect.objectContaining(error));
  });
});

it('refuses writes of a rollout without a change log', () => {
  const write = () => checkMutations('shelf', capabilities, profile, withoutIds, { operationId: 'one' });
  expect(write).toThrow(expect.objectContaining({ details: { capability: 'changeLog' } }));
});

describe('planReconcile', () => {
  const unknown = { ...profile, model: null };
  const other = { model: 'b', dimension: 4 };
  const same = { model: 'a', dimension: 2 };
  const plan = (stored: EmbeddingProfile | null, ...[request, policy]: [object, string]) =>
    planReconcile('shelf', capabilities, stored, request as typeof same, policy as 'refuse');

  it.each([
    [null, same, 'refuse', 'adopted', 'l2'],
    [null, same, 'reset', 'adopted', 'l2'],
    [profile, same, 'refuse', 'unchanged', 'cosine'],
    [profile, same, 'reset', 'reset', 'cosine'],
    [unknown, same, 'reset-if-changed', 'adopted', 'cosine'],
    [profile, other, 'reset-if-changed', 'reset', 'cosine'],
    [profile, { ...same, metric: 'l2' }, 'reset-if-changed', 'reset', 'l2'],
  ] as const)('of %j for %j by %s is %s', (stored, request, policy, outcome, metric) => {
    const { model, dimension } = request;
    expect(plan(stored, request, policy)).toEqual({
      outcome,
      profile: { model, dimension, metric },
      previous: stored,
    });
  });

  it('refuses another model, and what the backend cannot do', () => {
    expect(() => plan(profile, other, 'refuse')).toThrow(
      expect.objectContaining({ code: 'STORAGE_MODEL_CHANGED' }),
    );
    const tooLong = { model: 'a', dimension: 9 };
    expect(() => wantedProfile('shelf', capabilities, null, tooLong)).toThrow(
      expect.objectContaining({ code: 'STORAGE_NOT_SUPPORTED' }),
    );
  });
});
