import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { AuditReport } from '../ports/maintenance.js';
import type {
  CheckReport,
  CheckScope,
  DamageCode,
  MaintenanceOptions,
  RepairReport,
} from '../ports/store-maintenance.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { lastKey } from '../runtime/key-order.js';
import { DamageList } from './damage-list.js';
import { type MaintenanceStep, runSteps } from './steps.js';

const PAGES_AT_ONCE = 64;
const REINDEX_PAGES = 'Index the page again (`switchyard index … --force`), or restore a backup.';

/** Options of {@link checkStore}. */
export interface CheckStoreOptions extends MaintenanceOptions {
  /** Scope of the check. Default `full`. */
  readonly scope?: CheckScope | undefined;
}

/**
 * Checks a store for damage without changing it. Backends with a `maintenance` port check themselves; others are checked
 * through their audits and by reading every page.
 *
 * @example
 * ```ts
 * const { damages } = await checkStore(backend);
 * for (const { detail, repair } of damages) console.log(detail, repair ?? 'cannot be repaired');
 * ```
 */
export async function checkStore(
  backend: StorageBackend,
  options: CheckStoreOptions = {},
): Promise<CheckReport> {
  checkBackend(backend);
  const { scope = 'full', ...rest } = options;
  return backend.maintenance === undefined
    ? checkThroughPorts(backend, scope, rest)
    : backend.maintenance.check({ scope }, rest);
}

/**
 * Repairs what can be rebuilt from the source of truth, then checks again. Other damage stays in `after`.
 *
 * @example
 * ```ts
 * const { repaired, after } = await repairStore(backend);
 * if (after.damages.length > 0) console.log('Restore a backup.');
 * ```
 */
export async function repairStore(
  backend: StorageBackend,
  options: MaintenanceOptions = {},
): Promise<RepairReport> {
  checkBackend(backend);
  if (backend.maintenance !== undefined) return backend.maintenance.repair(options);
  const { signal, deadline } = options;
  const before = await checkThroughPorts(backend, 'full', options);
  const repaired = [...new Set(before.damages.flatMap(({ repair }) => repair ?? []))];
  if (repaired.includes(REBUILD_FTS)) await backend.fts.rebuild({ signal, deadline });
  if (repaired.includes(REBUILD_VECTORS)) await backend.vectors.rebuild({ signal, deadline });
  const after = repaired.length === 0 ? before : await checkThroughPorts(backend, 'full', options);
  return { before, repaired, after };
}

const REBUILD_FTS = 'Rebuild the full-text index from the chunks.';
const REBUILD_VECTORS = 'Rebuild the vector index from the vectors of the chunks.';

async function checkThroughPorts(
  backend: StorageBackend,
  scope: CheckScope,
  options: MaintenanceOptions,
): Promise<CheckReport> {
  const { signal, deadline } = options;
  const call = { signal, deadline };
  const list = new DamageList();
  const skipped: string[] = [];
  const { vectorMaintenance, ftsMaintenance } = backend.capabilities;
  const steps: MaintenanceStep[] = [];
  if (scope === 'rows') {
    skipped.push(`The ${backend.name} backend cannot check its tables.`);
    return { scope, damages: [], skipped };
  }
  if (ftsMaintenance)
    steps.push({
      name: 'full text',
      work: async () => addAudit(list, 'fts', await backend.fts.audit(call), REBUILD_FTS),
    });
  else skipped.push(`The ${backend.name} backend cannot compare its full-text index with the chunks.`);
  if (vectorMaintenance)
    steps.push({
      name: 'vectors',
      work: async () => addAudit(list, 'vector', await backend.vectors.audit(call), REBUILD_VECTORS),
    });
  else skipped.push(`The ${backend.name} backend cannot compare its vector index with the chunks.`);
  if (scope === 'full') steps.push({ name: 'pages', work: () => readEveryPage(backend, call) });
  await runSteps(backend.name, steps, options, (error, { name }) => {
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
    const advice = 'Restore a backup, or copy what is readable: switchyard copy STORE NEW --unchecked.';
    list.add({ code: 'unreadable', detail: `Cannot read: ${name}.`, example: error.message, advice });
  });
  return { scope, damages: list.damages, skipped };
}

/** Adds the problems of an audit. */
function addAudit(list: DamageList, code: DamageCode, { problems }: AuditReport, rebuild: string): void {
  for (const { kind, detail, chunkId } of problems) {
    const isLost = kind === 'unusable';
    list.add({
      code,
      detail,
      ...(chunkId === null ? {} : { example: `chunk ${chunkId}` }),
      repair: isLost ? null : rebuild,
      advice: isLost ? REINDEX_PAGES : null,
    });
  }
}

async function readEveryPage(
  backend: StorageBackend,
  call: Pick<MaintenanceOptions, 'signal' | 'deadline'>,
): Promise<void> {
  for (const { version } of await backend.catalog.overview(call)) {
    for (let after = 0; ; ) {
      const request = { version: { versionId: version.id }, after, limit: PAGES_AT_ONCE };
      const pages = await backend.catalog.snapshot(request, call);
      after =
        lastKey(
          pages.map(({ page }) => page.id),
          after,
          'pages',
        ) ?? after;
      if (pages.length < PAGES_AT_ONCE) break;
    }
  }
}
