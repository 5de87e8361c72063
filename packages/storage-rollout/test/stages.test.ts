import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { type Stage, stages } from '@switchyard/storage-rollout/machine';
import { fileStores, memoryStores, rolloutAt } from './support/rollout.js';

/** In `live`, every new library begins at the new side, so that no list of mutations spans both. */
const selection = { percentage: 100, include: [], exclude: [] } as const;

/** A reset of all vectors is refused while either side may hold libraries. */
const withoutResets = [
  'capabilities/metrics',
  'vectors/every-dimension',
  'profile/adopt-no-other-space',
  'profile/reset',
  'profile/reset-same-dimension',
  'profile/reset-same-profile',
  'profile/after-a-reset',
  'document-store/model-change-confirmed',
  'document-store/model-change-is-noticed',
  'document-store/reset-vectors',
  'document-store/reset-vectors-to-another-model',
  'well-formed/model-is-the-same',
  'model/random-stories',
];

async function inMemory(stage: Stage) {
  const create = await rolloutAt(stage, memoryStores(), { selection });
  return { backend: create(), reopen: create };
}

async function onFiles(stage: Stage) {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
  const create = await rolloutAt(stage, fileStores(folder), { selection });
  return {
    backend: create(),
    reopen: create,
    cleanup: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const runs = 4;

defineBackendConformance({
  name: 'rollout (memory, dualwrite)',
  runs,
  create: () => inMemory('dualwrite'),
});

defineBackendConformance({
  name: 'rollout (memory, live)',
  runs,
  knownFaults: withoutResets,
  create: () => inMemory('live'),
});

// Every stage, in memory and on a legacy and a libSQL file, takes minutes: on request.
if (process.env.SWITCHYARD_ROLLOUT_CONFORMANCE === 'all') {
  for (const stage of stages) {
    const knownFaults = stage === 'live' || stage === 'rampdown' ? withoutResets : [];
    const inMemoryTitle = `${stage} in memory`;
    defineBackendConformance({ runs, knownFaults, name: inMemoryTitle, create: () => inMemory(stage) });
    const onFilesTitle = `${stage} on files`;
    defineBackendConformance({ runs, knownFaults, name: onFilesTitle, create: () => onFiles(stage) });
  }
}
