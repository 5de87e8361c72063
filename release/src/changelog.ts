const UNRELEASED = '## Unreleased\n';

/**
 * Turns the section "Unreleased" of the changelog into that of a release, below a new, empty one.
 *
 * @param date Date of the release, `YYYY-MM-DD`.
 */
export function closeUnreleased(changelog: string, version: string, date: string): string {
  const [before, after, ...rest] = changelog.split(UNRELEASED);
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new Error('CHANGELOG.md needs exactly one section "## Unreleased".');
  }
  if (!/^- /m.test(after.split('\n## ')[0] ?? '')) {
    throw new Error('The section "Unreleased" of CHANGELOG.md is empty: there is nothing to release.');
  }
  return `${before}${UNRELEASED}\n## ${version} - ${date}\n${after}`;
}
