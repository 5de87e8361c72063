import { checkObject, checkString } from '../runtime/check-fields.js';
import { type PageRecord, type Timestamp, toIsoTimestamp } from './records.js';
import { toWellFormed } from './well-formed.js';

/** Selects pages of a version. Every given member has to hold, and at least one must be given. */
export interface PageFilter {
  /** Pages whose URL begins with this string, case-sensitive and without wildcards. Must not be empty. */
  readonly urlPrefix?: string | undefined;
  /**
   * Pages last written before this time. Times are compared in whole seconds, as they are stored, so a page written in
   * the same second is not selected; neither is one whose time is unknown.
   */
  readonly notUpdatedSince?: Timestamp | undefined;
}

/** A filter in the form that backends apply: null for a member that restricts nothing. */
export interface NormalPageFilter {
  /** Beginning of the URL. */
  readonly urlPrefix: string | null;
  /** Time in seconds since the epoch. */
  readonly notUpdatedSince: number | null;
}

/**
 * Returns the form of a filter that backends apply.
 *
 * @throws TypeError that names the field; also for an unknown member and without any, which would select every page.
 */
export function normalizePageFilter(filter: PageFilter, field = 'filter'): NormalPageFilter {
  checkObject(filter, field, '{ urlPrefix, notUpdatedSince }');
  const { urlPrefix, notUpdatedSince, ...others } = filter;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`${field}.${unknown} is not a member of a page filter.`);
  if (urlPrefix === undefined && notUpdatedSince === undefined) {
    throw new TypeError(`${field} needs urlPrefix or notUpdatedSince; delete all pages with deletePages.`);
  }
  if (urlPrefix !== undefined) checkString(urlPrefix, `${field}.urlPrefix`);
  if (urlPrefix === '') throw new TypeError(`${field}.urlPrefix must not be empty.`);
  if (notUpdatedSince !== undefined) checkString(notUpdatedSince, `${field}.notUpdatedSince`);
  const seconds = notUpdatedSince === undefined ? null : secondsOf(notUpdatedSince);
  if (Number.isNaN(seconds)) {
    throw new TypeError(
      `${field}.notUpdatedSince must be a time in ISO 8601 or YYYY-MM-DD HH:MM:SS, in UTC.`,
    );
  }
  return {
    urlPrefix: urlPrefix === undefined ? null : toWellFormed(urlPrefix),
    notUpdatedSince: seconds,
  };
}

/** Returns true if a page passes a filter, for backends that filter in memory. */
export function passesPageFilter(
  { urlPrefix, notUpdatedSince }: NormalPageFilter,
  { url, updatedAt }: Pick<PageRecord, 'url' | 'updatedAt'>,
): boolean {
  if (urlPrefix !== null && !url.startsWith(urlPrefix)) return false;
  // A comparison with NaN is false: the time is not known to be earlier.
  return notUpdatedSince === null || (updatedAt !== null && secondsOf(updatedAt) < notUpdatedSince);
}

function secondsOf(timestamp: Timestamp): number {
  return Math.floor(Date.parse(toIsoTimestamp(timestamp)) / 1000);
}
