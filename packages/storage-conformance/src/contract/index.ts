import type { ContractTest } from '../suite/contract-test.js';
import { atomicityTests } from './atomicity.js';
import { bulkDeletionTests } from './bulk-deletion.js';
import { callTests } from './calls.js';
import { candidateTests } from './candidates.js';
import { candidatesOfManyTests } from './candidates-of-many.js';
import { capabilityTests } from './capabilities.js';
import { catalogTests } from './catalog.js';
import { catalogChunkTests } from './catalog-chunks.js';
import { catalogPutTests } from './catalog-puts.js';
import { changeLogTests } from './change-log.js';
import { changeLogMoveTests } from './change-log-moves.js';
import { copyingTests } from './copying.js';
import { documentDeletionTests } from './document-deletion.js';
import { documentSearchTests } from './document-search.js';
import { documentSearchOptionTests } from './document-search-options.js';
import { documentStoreTests } from './document-store.js';
import { documentVersionTests } from './document-versions.js';
import { eventLoopTests } from './event-loop.js';
import { fileTests } from './files.js';
import { filterTests } from './filters.js';
import { ftsTests } from './fts.js';
import { ftsRankingTests } from './fts-ranking.js';
import { ftsScoreTests } from './fts-scores.js';
import { ftsTextTests } from './fts-text.js';
import { hostileTests } from './hostile.js';
import { idTests } from './ids.js';
import { lifecycleTests } from './lifecycle.js';
import { maintenanceTests } from './maintenance.js';
import { migratorTests } from './migrator.js';
import { modelTests } from './model.js';
import { pageDeletionTests } from './page-deletion.js';
import { pagePlaceTests } from './page-places.js';
import { pageTests } from './pages.js';
import { persistenceTests } from './persistence.js';
import { profileTests } from './profile.js';
import { readingTests } from './reading.js';
import { reembeddingTests } from './reembedding.js';
import { relativesTests } from './relatives.js';
import { relativesOfManyTests } from './relatives-of-many.js';
import { searchContextTests } from './search-context.js';
import { stagingTests } from './staging.js';
import { stagingLifeTests } from './staging-life.js';
import { vectorDistanceTests } from './vector-distances.js';
import { vectorValueTests } from './vector-values.js';
import { vectorTests } from './vectors.js';
import { versionRemovalTests } from './version-removal.js';
import { versionStateTests } from './version-state.js';
import { versionTests } from './versions.js';
import { wellFormedTests } from './well-formed.js';

/** Every contract test. */
export const contractTests: readonly ContractTest[] = [
  ...lifecycleTests,
  ...fileTests,
  ...callTests,
  ...eventLoopTests,
  ...capabilityTests,
  ...migratorTests,
  ...maintenanceTests,
  ...readingTests,
  ...versionTests,
  ...versionStateTests,
  ...versionRemovalTests,
  ...pageTests,
  ...pagePlaceTests,
  ...pageDeletionTests,
  ...bulkDeletionTests,
  ...idTests,
  ...catalogTests,
  ...catalogChunkTests,
  ...catalogPutTests,
  ...relativesTests,
  ...relativesOfManyTests,
  ...atomicityTests,
  ...vectorTests,
  ...vectorDistanceTests,
  ...vectorValueTests,
  ...profileTests,
  ...stagingTests,
  ...stagingLifeTests,
  ...reembeddingTests,
  ...ftsTests,
  ...ftsTextTests,
  ...ftsRankingTests,
  ...ftsScoreTests,
  ...candidateTests,
  ...candidatesOfManyTests,
  ...filterTests,
  ...copyingTests,
  ...documentStoreTests,
  ...documentVersionTests,
  ...documentDeletionTests,
  ...documentSearchTests,
  ...documentSearchOptionTests,
  ...searchContextTests,
  ...hostileTests,
  ...wellFormedTests,
  ...modelTests,
  ...changeLogTests,
  ...changeLogMoveTests,
  ...persistenceTests,
];
