import { type LibraryRecord, type VersionRecord, versionStatuses } from '../values/records.js';
import { checkObject, checkOneOf, checkString, checkStringOrNull } from './check-fields.js';
import { checkJson } from './check-metadata.js';
import { checkId, checkLimit } from './validate.js';

/** @throws TypeError that names the column. */
export function checkLibraryRecord(library: LibraryRecord, field: string): void {
  checkObject(library, field);
  checkId(library.id, `${field}.id`);
  checkString(library.name, `${field}.name`);
  checkStringOrNull(library.createdAt, `${field}.createdAt`);
}

/** @throws TypeError that names the column. */
export function checkVersionRecord(version: VersionRecord, field: string): void {
  checkObject(version, field);
  checkId(version.id, `${field}.id`);
  checkString(version.name, `${field}.name`);
  checkOneOf(version.status, versionStatuses, `${field}.status`);
  checkLimit(version.progressPages, `${field}.progressPages`);
  checkLimit(version.progressMaxPages, `${field}.progressMaxPages`);
  for (const column of ['errorMessage', 'sourceUrl', 'createdAt', 'startedAt', 'updatedAt'] as const) {
    checkStringOrNull(version[column], `${field}.${column}`);
  }
  if (version.scraperOptions !== null) checkJson(version.scraperOptions, `${field}.scraperOptions`);
}
