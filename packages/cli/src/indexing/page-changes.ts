/** Pages of a source compared with those of the stored version; for a dry run, what would be done with them. */
export interface PageChanges {
  readonly pagesAdded: number;
  readonly pagesChanged: number;
  readonly pagesUnchanged: number;
  /** URLs that the source no longer has. */
  readonly pagesVanished: readonly string[];
  /** True if those pages are deleted. */
  readonly vanishedDeleted: boolean;
  /** Other sources of the version, because of which its pages are kept. */
  readonly otherSources: readonly string[];
}
