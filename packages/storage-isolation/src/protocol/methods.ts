import type { ReconcilePolicy } from '@switchyard/storage-core';
import { canRepeat } from './mutations.js';

/** What the host has to know of a method of the ports to run it in another process. */
export interface MethodInfo {
  /** How many arguments stand before the call options. */
  readonly arity: number;
  /** `write`: a call that was interrupted may have changed the store. */
  readonly access: 'read' | 'write';
  /** `any`: it may run in a reader process. */
  readonly process: 'any' | 'writer';
  /** Which default deadline holds when the caller names none. */
  readonly patience: 'call' | 'maintenance';
  /** Whether it may be made again when nobody knows whether it was done: the state and the answer stay right. */
  repeatable(args: readonly unknown[]): boolean;
}

const always = () => true;
const never = () => false;

function read(arity: number, overrides: Partial<MethodInfo> = {}): MethodInfo {
  return { arity, access: 'read', process: 'any', patience: 'call', repeatable: always, ...overrides };
}

function write(arity: number, overrides: Partial<MethodInfo> = {}): MethodInfo {
  return { arity, access: 'write', process: 'writer', patience: 'call', repeatable: never, ...overrides };
}

/** Every method that crosses the process border, by its path on the backend. */
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
  'catalog.chunks': read(1),
  'catalog.chunksByUrl': read(2),
  'catalog.relatives': read(1),
  'catalog.snapshot': read(1),
  'vectors.profile': read(0),
  'vectors.nearest': read(1),
  'vectors.stats': read(0),
  // An index may write to check itself (FTS5 does), so audits belong to the writer.
  'vectors.audit': read(0, { process: 'writer', patience: 'maintenance' }),
  // Built anew from the chunks: a second time gives the same index.
  'vectors.rebuild': write(0, { patience: 'maintenance', repeatable: always }),
  // A reset that was done answers `unchanged` when it is asked for again, which is not what happened.
  'vectors.reconcile': write(2, {
    patience: 'maintenance',
    repeatable: ([, policy]) => (policy as ReconcilePolicy) === 'refuse',
  }),
  'annIndexes.estimate': read(1, { process: 'writer' }),
  'annIndexes.build': write(1, { patience: 'maintenance', repeatable: always }),
  'annIndexes.drop': write(1, { patience: 'maintenance' }),
  'annIndexes.audit': read(1, { process: 'writer', patience: 'maintenance' }),
  'fts.match': read(1),
  'fts.audit': read(0, { process: 'writer', patience: 'maintenance' }),
  'fts.rebuild': write(0, { patience: 'maintenance', repeatable: always }),
  'migrator.status': read(0, { process: 'writer' }),
  'migrator.plan': read(0, { process: 'writer' }),
  'migrator.migrate': write(0, { patience: 'maintenance' }),
  candidates: read(1),
  sync: read(0, { process: 'writer' }),
  // What it leads to is the same however often it is done.
  optimize: write(0, { patience: 'maintenance', repeatable: always }),
  'staging.begin': write(1, { repeatable: always }),
  'staging.status': read(0, { process: 'writer' }),
  'staging.missing': read(1, { process: 'writer' }),
  // The same vectors over themselves.
  'staging.stage': write(1, { repeatable: always }),
  // What was done answers otherwise when it is asked for again.
  'staging.commit': write(1, { patience: 'maintenance' }),
  'staging.abort': write(0, { patience: 'maintenance' }),
  // Reads the whole store, and checks full text as audits do.
  'maintenance.check': read(1, { process: 'writer', patience: 'maintenance' }),
  // Done again after an interruption, it repairs what is left; the report would lack what was done before.
  'maintenance.repair': write(0, { patience: 'maintenance' }),
  'maintenance.reclaim': write(0, { patience: 'maintenance' }),
  inspect: read(0, { process: 'writer' }),
  apply: write(1, { repeatable: ([mutations]) => canRepeat(mutations) }),
} as const satisfies Record<string, MethodInfo>;

/** The path of a method on the backend. */
export type MethodName = keyof typeof methods;

/** See {@link MethodInfo}. */
export function methodInfo(name: MethodName): MethodInfo {
  return methods[name];
}
