import { compareVersionsNewestFirst } from '../values/compare-versions.js';
import { toIsoTimestamp, type VersionOverview } from '../values/records.js';
import { compareText } from '../values/text-order.js';
import type { LibrarySummary, VersionSummary } from './types.js';

/** Groups versions by library: libraries by name, versions newest first. */
export function summarize(overview: readonly VersionOverview[]): LibrarySummary[] {
  const libraries = new Map<string, { id: number; name: string; versions: VersionSummary[] }>();
  for (const entry of overview) {
    const { libraryId: id, library: name } = entry.version;
    const summary = libraries.get(name) ?? { id, name, versions: [] };
    summary.versions.push(summarizeVersion(entry));
    libraries.set(name, summary);
  }
  for (const { versions } of libraries.values()) {
    versions.sort((a, b) => compareVersionsNewestFirst(a.name, b.name));
  }
  return [...libraries.values()].sort((a, b) => compareText(a.name, b.name));
}

function summarizeVersion({ version, chunks, urls, firstIndexedAt }: VersionOverview): VersionSummary {
  return {
    id: version.id,
    name: version.name,
    status: version.status,
    progress: { pages: version.progressPages, maxPages: version.progressMaxPages },
    errorMessage: version.errorMessage,
    sourceUrl: version.sourceUrl,
    scraperOptions: version.sourceUrl === null ? null : version.scraperOptions,
    chunks,
    urls,
    indexedAt: firstIndexedAt === null ? null : toIsoTimestamp(firstIndexedAt),
  };
}
