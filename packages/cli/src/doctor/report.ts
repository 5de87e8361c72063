import type { BackendReport, MigrationStatus, ReplicationReport } from '@switchyard/storage-core';
import type { ErrorDescription } from '../output/describe-error.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: 'address' | 'connection' | 'schema' | 'content' | 'vectors' | 'damage' | 'replication';
  readonly ok: boolean;
  /** What was found, in plain words. */
  readonly finding: string;
  /** What to do about it; absent when it is in order. */
  readonly advice?: string | undefined;
}

/** What `switchyard doctor` found. Members are absent where it did not get that far. */
export interface Diagnosis {
  readonly store: string;
  readonly healthy: boolean;
  readonly checks: readonly Check[];
  readonly backend?: string | undefined;
  /** What the server calls itself, such as `sqld 0.24.32`. */
  readonly server?: string | undefined;
  readonly engine?: BackendReport['engine'] | undefined;
  readonly schema?: MigrationStatus | undefined;
  readonly capabilities?: BackendReport['capabilities'] | undefined;
  readonly profile?: BackendReport['profile'] | undefined;
  readonly counts?: BackendReport['counts'] | undefined;
  /** Milliseconds, the median of several small reads. */
  readonly roundTripMs?: number | undefined;
  readonly replication?: ReplicationReport | undefined;
  readonly error?: ErrorDescription | undefined;
}
