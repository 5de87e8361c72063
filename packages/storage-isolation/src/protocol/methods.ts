import type { CallOptions, ReconcilePolicy } from '@switchyard/storage-core';
import { canRepeat } from './mutations.js';

/** Properties of a port method that the host needs to run it in another process. */
export interface MethodInfo {
  /** Number of arguments before the call options. */
  readonly arity: number;
  /** `write`: an interrupted call may have changed the store. */
  readonly access: 'read' | 'write';
  /** `any`: may run in a reader process. */
  readonly process: 'any' | 'writer';
  /** Default timeout: `callTimeoutMs` or `maintenanceTimeoutMs`. */
  readonly timeout: 'call' | 'maintenance';
  /** Returns whether a call of unknown outcome may be retried without a wrong state or a wrong result. */
  repeatable(args: readonly unknown[], options?: CallOptions): boolean;
}

const always = () => true;
const never = () => false;

function read(arity: number, overrides: Partial<MethodInfo> = {}): MethodInfo {
  return { arity, access: 'read', process: 'any', timeout: 'call', repeatable: always, ...overrides };
}

function write(arity: number, overrides: Partial<MethodInfo> = {}): MethodInfo {
  return { arity, access: 'write', process: 'writer', timeout: 'call', repeatable: never, ...overrides };
}

/** Every port method that can be called across processes, by its path on the backend. */
export const methods = {
  'catalog.libraries': read(0),
  'catalog.library': read(1),
  'catalog.version': read(1),
  'catalog.versions': read(1),
  'catalog.versionsByStatus': read(1),
  'catalog.versionsBySourceUrl': read(1),
  'catalog.overview': read(0),
  'catalog.hasChunks': read(1),
  'catalog.pages': read(1),
  'catalog.page': read(1),
  'catalog.chunks': read(2),
  'catalog.chunksByUrl': read(2),
  'catalog.relatives': read(1),
  'catalog.snapshot': read(1),
  'vectors.profile': read(0),
  'vectors.nearest': read(1),
  'vectors.hasAny': read(1),
  'vectors.stats': read(0),
  // An index may write to check itself (FTS5 does), so audits run in the writer.
  'vectors.audit': read(0, { process: 'writer', timeout: 'maintenance' }),
  // Rebuilds from the chunks, so a retry produces the same index.
  'vectors.rebuild': write(0, { timeout: 'maintenance', repeatable: always }),
  // A retry after a completed reset would report nothing dropped, hiding the reset.
  'vectors.reconcile': write(2, {
    timeout: 'maintenance',
    repeatable: ([, policy]) => (policy as ReconcilePolicy) === 'refuse',
  }),
  'annIndexes.estimate': read(1, { process: 'writer' }),
  'annIndexes.build': write(1, { timeout: 'maintenance', repeatable: always }),
  'annIndexes.drop': write(1, { timeout: 'maintenance' }),
  'annIndexes.audit': read(1, { process: 'writer', timeout: 'maintenance' }),
  'fts.match': read(1),
  'fts.audit': read(0, { process: 'writer', timeout: 'maintenance' }),
  'fts.rebuild': write(0, { timeout: 'maintenance', repeatable: always }),
  'migrator.status': read(0, { process: 'writer' }),
  'migrator.plan': read(0, { process: 'writer' }),
  'migrator.migrate': write(0, { timeout: 'maintenance' }),
  candidates: read(1),
  sync: read(0, { process: 'writer' }),
  // Idempotent.
  optimize: write(0, { timeout: 'maintenance', repeatable: always }),
  'staging.begin': write(1, { repeatable: always }),
  'staging.status': read(0, { process: 'writer' }),
  'staging.missing': read(1, { process: 'writer' }),
  // Overwrites vectors with the same values.
  'staging.stage': write(1, { repeatable: always }),
  // A retry after a completed call would return a different result.
  'staging.commit': write(1, { timeout: 'maintenance' }),
  'staging.abort': write(0, { timeout: 'maintenance' }),
  // Reads the whole store and audits the full-text index.
  'maintenance.check': read(1, { process: 'writer', timeout: 'maintenance' }),
  // A retry would repair what is left, but its report would omit what the first attempt repaired.
  'maintenance.repair': write(0, { timeout: 'maintenance' }),
  'maintenance.reclaim': write(0, { timeout: 'maintenance' }),
  inspect: read(0, { process: 'writer' }),
  // A store that holds the results of an operation returns them instead of applying it again.
  apply: write(1, {
    repeatable: ([mutations], options) => options?.operationId !== undefined || canRepeat(mutations),
  }),
  'changeLog.install': write(1, { timeout: 'maintenance', repeatable: always }),
  'changeLog.remove': write(0, { timeout: 'maintenance' }),
  'changeLog.triggers': read(0, { process: 'writer' }),
  'changeLog.libraries': read(0, { process: 'writer' }),
  'changeLog.connect': write(1, { repeatable: always }),
  'changeLog.readAuthority': read(1, { process: 'writer' }),
  'changeLog.takeChange': read(2, { process: 'writer' }),
  'changeLog.putIfNewer': write(1, { repeatable: always }),
  'changeLog.sync': write(1, { repeatable: always }),
  'changeLog.clear': write(2, { repeatable: always }),
  'changeLog.announce': write(3, { repeatable: always }),
  'changeLog.carryBack': write(3, { repeatable: always }),
  'changeLog.relog': write(3, { repeatable: always }),
  'changeLog.closeGaps': write(2, { repeatable: always }),
  // A retry of these would be refused, as if someone else had made the change.
  'changeLog.fence': write(4),
  'changeLog.raise': write(3),
  'changeLog.changeStage': write(1),
  'changeLog.carryStage': write(1, { repeatable: always }),
  'changeLog.admit': write(2, { repeatable: always }),
  'changeLog.takePosition': read(1, { process: 'writer' }),
  'changeLog.readPage': read(3, { process: 'writer' }),
  'changeLog.markFilled': write(3, { repeatable: always }),
  'changeLog.readControl': read(0, { process: 'writer' }),
  'changeLog.putNote': write(1, { repeatable: always }),
  'changeLog.notes': read(1, { process: 'writer' }),
  'changeLog.readLast': read(1, { process: 'writer' }),
} as const satisfies Record<string, MethodInfo>;

/** Path of a port method on the backend, such as `catalog.version`. */
export type MethodName = keyof typeof methods;

/** Returns the properties of a method. */
export function methodInfo(name: MethodName): MethodInfo {
  return methods[name];
}
