import type { Capabilities, EmbeddingProfile } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkMissingRequest,
  checkProfileRequest,
  checkStageRequest,
  requireComplete,
  requireStaged,
  type StagingStatus,
  type UnstagedChunk,
  type VectorStaging,
  wantedProfile,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { voidEveryMarker } from '../change-log/transact.js';
import type { Query } from '../database/connection.js';
import type { Session } from '../database/session.js';
import { realArray } from '../database/text.js';
import { DISCARD_STAGED, STAGE, STAGED_COUNTS, UNSTAGED, USE_STAGED } from '../sql/staging.js';
import { isExtreme } from './rough-distance.js';

/** A chunk without a staged vector. */
interface UnstagedRow {
  readonly chunkId: number;
  readonly content: string;
  readonly metadata: string;
  readonly url: string;
  readonly title: string | null;
}

/** Stages vectors of another model in a table of their own, until a commit replaces those of the chunks. */
export function postgresStaging(
  capabilities: Capabilities,
  session: Session,
  run: CallRunner,
): VectorStaging {
  return {
    begin: (request, options) =>
      run(options, () => {
        checkProfileRequest(BACKEND_NAME, capabilities, request);
        return session.write(options, async ({ query, state }) => {
          const wanted = wantedProfile(BACKEND_NAME, capabilities, state.profile, request);
          state.staging ??= wanted;
          return statusOf(query, requireStaged(BACKEND_NAME, state.staging, wanted));
        });
      }),
    status: (options) =>
      run(options, () =>
        session.snapshot<StagingStatus | null>(
          options,
          () => null,
          async (query, { staging }) => (staging === null ? null : statusOf(query, staging)),
        ),
      ),
    missing: (request, options) =>
      run(options, () => {
        checkMissingRequest(request);
        const { after = 0, limit } = request;
        const refused = () => requireStaged(BACKEND_NAME, null, null) as never;
        return session.snapshot<readonly UnstagedChunk[]>(options, refused, async (query, { staging }) => {
          requireStaged(BACKEND_NAME, staging, null);
          return (await query<UnstagedRow>(UNSTAGED, [after, limit])).map(toUnstaged);
        });
      }),
    stage: (request, options) =>
      run(options, () => {
        checkStageRequest(request);
        return session.write(options, async ({ query, state }) => {
          requireStaged(BACKEND_NAME, state.staging, request.profile);
          const last = new Map(request.vectors.map(({ chunkId, values }) => [chunkId, values]));
          const vectors = [...last.values()];
          await query(STAGE, [
            [...last.keys()],
            vectors.map((values) => (values === null ? null : realArray(values))),
            vectors.map((values) => values !== null && isExtreme(values)),
          ]);
        });
      }),
    commit: (profile, options) =>
      run(options, () =>
        session.write(options, async (transaction) => {
          const { query, state } = transaction;
          const staged = requireStaged(BACKEND_NAME, state.staging, profile);
          const { total, staged: finished, givenUp } = await statusOf(query, staged);
          requireComplete(BACKEND_NAME, total - finished);
          const previous = state.profile;
          await query(USE_STAGED);
          await query(DISCARD_STAGED);
          state.profile = staged;
          state.staging = null;
          await voidEveryMarker(transaction);
          return { profile: staged, previous, vectors: finished - givenUp, givenUp };
        }),
      ),
    abort: (options) =>
      run(options, () =>
        session.write(options, async ({ query, state }) => {
          const had = state.staging !== null;
          await query(DISCARD_STAGED);
          state.staging = null;
          return had;
        }),
      ),
  };
}

async function statusOf(query: Query, profile: EmbeddingProfile): Promise<StagingStatus> {
  const [counts] = await query<Omit<StagingStatus, 'profile'>>(STAGED_COUNTS);
  return { profile, staged: counts?.staged ?? 0, givenUp: counts?.givenUp ?? 0, total: counts?.total ?? 0 };
}

function toUnstaged({ chunkId, content, metadata, url, title }: UnstagedRow): UnstagedChunk {
  return { chunkId, content, metadata: JSON.parse(metadata), page: { url, title } };
}
