import type { ChunkId, EmbeddingProfile, StorageBackend } from '@switchyard/storage-core';
import type { VectorStaging } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import type { Need } from '../suite/contract-test.js';
import { chunk, fastify, under, vector, write } from './build.js';
import { hasFts } from './declared.js';
import { stagingOf } from './every-call.js';

/** Requirements of the staging tests. */
export const needs: Need = { capability: 'reembedding' };
/** The profile that most staging tests stage. */
export const other = { model: 'other:model', dimension: 2 };

/** Returns the nearest chunks of the default test version. */
export const near = async (backend: StorageBackend, query: Float32Array): Promise<ChunkId[]> =>
  (await backend.vectors.nearest({ version: fastify, vector: query, limit: 9 })).map(
    ({ chunkId }) => chunkId,
  );
/** Returns its full-text matches for the word in the first chunk; null without full text. */
export const ftsMatches = async (backend: StorageBackend) =>
  hasFts(backend) ? backend.fts.match({ version: fastify, terms: ['zebra'], limit: 9 }) : null;

/** A store with a re-embedding in progress. */
export interface Prepared {
  readonly backend: StorageBackend;
  readonly staging: VectorStaging;
  /** Two chunks of page /a of fastify, and one of /b of another version, which has no vector. */
  readonly ids: readonly [ChunkId, ChunkId, ChunkId];
  readonly profile: EmbeddingProfile;
}

/** Writes three chunks and begins a re-embedding. */
export async function prepare(backend: StorageBackend): Promise<Prepared> {
  const [first = 0, second = 0] = (
    await write(backend, fastify, { url: '/a', title: 'Page A' }, [
      chunk('zebra', { vector: vector(1, 0, 0, 0), metadata: under(['Guide', 'Start']) }),
      chunk('okapi', { vector: vector(0, 1, 0, 0) }),
    ])
  ).chunkIds;
  const [third = 0] = (await write(backend, { library: 'pino', version: '' }, '/b', [chunk('gnu')])).chunkIds;
  const staging = stagingOf(backend);
  const { profile } = await staging.begin(other);
  return { backend, staging, ids: [first, second, third], profile };
}

/** Opens a fresh store with three chunks and begins a re-embedding. */
export const prepared = async (t: TestContext) => prepare(await t.open());

/** Stages a two-component vector per chunk, such that the second chunk is the nearest to (1, 0). */
export async function stageAll({ staging, ids, profile }: Prepared): Promise<void> {
  const [first, second, third] = ids;
  const vectors = [
    { chunkId: first, values: vector(0, 1) },
    { chunkId: second, values: vector(1, 0) },
    { chunkId: third, values: vector(1, 1) },
  ];
  await staging.stage({ profile, vectors });
}

/** Returns the ids of the missing chunks. */
export const missingIds = async (staging: VectorStaging, after = 0, limit = 100): Promise<ChunkId[]> =>
  (await staging.missing({ after, limit })).map(({ chunkId }) => chunkId);
