import { type DamageCode, isStorageError } from '@switchyard/storage-core';
import type { AuditReport, DamageList, MaintenanceStep } from '@switchyard/storage-core/backend';

/** Repairs of the problems of an audit, by kind. */
export interface AuditRepair {
  readonly rebuild: string;
  /** Kinds of problems that no other data can repair. */
  readonly lost?: readonly AuditReport['problems'][number]['kind'][] | undefined;
  readonly advice?: string | undefined;
}

/** Adds the problems of an audit. Numbers move from the detail into the example, so that equal kinds form one entry. */
export function addAudit(
  list: DamageList,
  code: DamageCode,
  { problems }: AuditReport,
  { rebuild, lost = [], advice }: AuditRepair,
): void {
  for (const { kind, detail, chunkId } of problems) {
    const isLost = lost.includes(kind);
    list.add({
      code,
      detail,
      ...(chunkId === null ? {} : { example: `chunk ${chunkId}` }),
      repair: isLost ? null : rebuild,
      advice: isLost ? (advice ?? null) : null,
    });
  }
}

/** Reports a step that failed because of damage as damage; any other error ends the check. */
export function addUnreadable(list: DamageList, error: unknown, { name }: MaintenanceStep): void {
  if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
  list.add({
    code: 'unreadable',
    detail: `Part of the store cannot be read: ${name}.`,
    example: error.message,
    advice:
      'Keep a copy; then restore a backup, or copy what is readable: switchyard copy STORE NEW --unchecked.',
  });
}
