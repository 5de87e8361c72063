import type { MigrateOptions, StorageBackend } from '@switchyard/storage-core';
import type {
  AnnIndexes,
  Catalog,
  ChangeLog,
  FtsIndex,
  Migrator,
  StoreMaintenance,
  VectorIndex,
  VectorStaging,
} from '@switchyard/storage-core/backend';
import type { MethodName } from '../protocol/methods.js';

/** Sends a call to a child and resolves with its answer, typed as the port declares. */
export type Send = <T>(
  method: MethodName,
  args: readonly unknown[],
  options: MigrateOptions | undefined,
) => Promise<T>;

/** Returns a catalog whose methods run in a child. */
export function catalogOver(send: Send): Catalog {
  return {
    libraries: (options) => send('catalog.libraries', [], options),
    library: (ref, options) => send('catalog.library', [ref], options),
    version: (ref, options) => send('catalog.version', [ref], options),
    versions: (library, options) => send('catalog.versions', [library], options),
    versionsByStatus: (statuses, options) => send('catalog.versionsByStatus', [statuses], options),
    versionsBySourceUrl: (url, options) => send('catalog.versionsBySourceUrl', [url], options),
    overview: (options) => send('catalog.overview', [], options),
    hasChunks: (version, options) => send('catalog.hasChunks', [version], options),
    pages: (version, options) => send('catalog.pages', [version], options),
    page: (ref, options) => send('catalog.page', [ref], options),
    chunks: (ids, version, options) => send('catalog.chunks', [ids, version], options),
    chunksByUrl: (version, url, options) => send('catalog.chunksByUrl', [version, url], options),
    relatives: (request, options) => send('catalog.relatives', [request], options),
    snapshot: (request, options) => send('catalog.snapshot', [request], options),
  };
}

/** Returns a vector index whose methods run in a child. */
export function vectorsOver(send: Send): VectorIndex {
  return {
    profile: (options) => send('vectors.profile', [], options),
    reconcile: (profile, policy, options) => send('vectors.reconcile', [profile, policy], options),
    nearest: (query, options) => send('vectors.nearest', [query], options),
    hasAny: (query, options) => send('vectors.hasAny', [query], options),
    stats: (options) => send('vectors.stats', [], options),
    rebuild: (options) => send('vectors.rebuild', [], options),
    audit: (options) => send('vectors.audit', [], options),
  };
}

/** Returns a vector staging area whose methods run in a child. */
export function stagingOver(send: Send): VectorStaging {
  return {
    begin: (profile, options) => send('staging.begin', [profile], options),
    status: (options) => send('staging.status', [], options),
    missing: (request, options) => send('staging.missing', [request], options),
    stage: (request, options) => send('staging.stage', [request], options),
    commit: (profile, options) => send('staging.commit', [profile], options),
    abort: (options) => send('staging.abort', [], options),
  };
}

/** Returns ANN indexes whose methods run in a child. */
export function annIndexesOver(send: Send): AnnIndexes {
  return {
    estimate: (version, options) => send('annIndexes.estimate', [version], options),
    build: (version, options) => send('annIndexes.build', [version], options),
    drop: (version, options) => send('annIndexes.drop', [version], options),
    audit: (version, options) => send('annIndexes.audit', [version], options),
  };
}

/** Returns a maintenance port whose methods run in a child. */
export function maintenanceOver(send: Send): StoreMaintenance {
  return {
    check: (request, options) => send('maintenance.check', [request], options),
    repair: (options) => send('maintenance.repair', [], options),
    reclaim: (options) => send('maintenance.reclaim', [], options),
  };
}

/** Returns a full-text index whose methods run in a child. */
export function ftsOver(send: Send): FtsIndex {
  return {
    match: (query, options) => send('fts.match', [query], options),
    rebuild: (options) => send('fts.rebuild', [], options),
    audit: (options) => send('fts.audit', [], options),
  };
}

/** Returns a migrator whose methods run in a child. */
export function migratorOver(send: Send): Migrator {
  return {
    status: (options) => send('migrator.status', [], options),
    plan: (options) => send('migrator.plan', [], options),
    migrate: (options) => send('migrator.migrate', [], options),
  };
}

/** Returns a `candidates` method that runs in a child. */
export function candidatesOver(send: Send): NonNullable<StorageBackend['candidates']> {
  return (request, options) => send('candidates', [request], options);
}

/** Returns a change log whose methods run in a child. */
export function changeLogOver(send: Send): ChangeLog {
  return {
    install: (request, options) => send('changeLog.install', [request], options),
    remove: (options) => send('changeLog.remove', [], options),
    triggers: (options) => send('changeLog.triggers', [], options),
    libraries: (options) => send('changeLog.libraries', [], options),
    connect: (boot, options) => send('changeLog.connect', [boot], options),
    readAuthority: (library, options) => send('changeLog.readAuthority', [library], options),
    takeChange: (library, seen, options) => send('changeLog.takeChange', [library, seen], options),
    putIfNewer: (request, options) => send('changeLog.putIfNewer', [request], options),
    sync: (boot, options) => send('changeLog.sync', [boot], options),
    clear: (library, state, options) => send('changeLog.clear', [library, state], options),
    announce: (library, authority, gaps, options) =>
      send('changeLog.announce', [library, authority, gaps], options),
    carryBack: (library, change, epoch, options) =>
      send('changeLog.carryBack', [library, change, epoch], options),
    relog: (library, key, epoch, options) => send('changeLog.relog', [library, key, epoch], options),
    closeGaps: (library, epoch, options) => send('changeLog.closeGaps', [library, epoch], options),
    fence: (library, expected, authority, filled, options) =>
      send('changeLog.fence', [library, expected, authority, filled], options),
    admit: (library, epoch, options) => send('changeLog.admit', [library, epoch], options),
    takePosition: (library, options) => send('changeLog.takePosition', [library], options),
    readPage: (library, key, since, options) => send('changeLog.readPage', [library, key, since], options),
    markFilled: (library, epoch, boot, options) =>
      send('changeLog.markFilled', [library, epoch, boot], options),
    readControl: (options) => send('changeLog.readControl', [], options),
    changeStage: (request, options) => send('changeLog.changeStage', [request], options),
    carryStage: (row, options) => send('changeLog.carryStage', [row], options),
    putNote: (note, options) => send('changeLog.putNote', [note], options),
    notes: (kind, options) => send('changeLog.notes', [kind], options),
    readLast: (library, options) => send('changeLog.readLast', [library], options),
    raise: (library, expected, seen, options) => send('changeLog.raise', [library, expected, seen], options),
  };
}
