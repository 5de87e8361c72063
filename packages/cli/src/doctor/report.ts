import type { BackendReport, MigrationStatus, ReplicationReport } from '@switchyard/storage-core';
import type { BackendPackage } from '../backend-packages/backend-packages.js';
import type { ConfigValues } from '../config/keys.js';
import type { StoreOrigin } from '../config/settings.js';
import type { ErrorDescription } from '../output/describe-error.js';

/** One examined property of a store. */
export interface Check {
  readonly name:
    | 'address'
    | 'backends'
    | 'connection'
    | 'schema'
    | 'content'
    | 'vectors'
    | 'metric'
    | 'damage'
    | 'replication';
  readonly ok: boolean;
  /** Result in plain words. */
  readonly finding: string;
  /** Advice; absent if there is nothing to do. */
  readonly advice?: string | undefined;
}

/** A configuration file as shown to users. */
export interface ShownConfig {
  readonly file: string;
  readonly values: ConfigValues;
}

/** Result of `switchyard doctor`. Members are absent if the examination did not get that far. */
export interface Diagnosis {
  readonly store: string;
  /** Origin of the connection string. */
  readonly storeFrom?: StoreOrigin | undefined;
  /** Configuration file that was found, with its values but without secrets; null without one. */
  readonly configuration?: ShownConfig | null | undefined;
  /** Packages of further backends, loaded or not; absent without any. */
  readonly backendPackages?: readonly BackendPackage[] | undefined;
  readonly healthy: boolean;
  readonly checks: readonly Check[];
  readonly backend?: string | undefined;
  /** Name and version that the server reports, such as `sqld 0.24.32`. */
  readonly server?: string | undefined;
  readonly engine?: BackendReport['engine'] | undefined;
  readonly schema?: MigrationStatus | undefined;
  readonly capabilities?: BackendReport['capabilities'] | undefined;
  readonly profile?: BackendReport['profile'] | undefined;
  readonly counts?: BackendReport['counts'] | undefined;
  /** Median of several small reads, in milliseconds. */
  readonly roundTripMs?: number | undefined;
  readonly replication?: ReplicationReport | undefined;
  readonly error?: ErrorDescription | undefined;
}
