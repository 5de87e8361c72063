import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, in this order. Vitest knows durations of earlier runs only, so a clean clone would start
 * some of them last, and end with one busy worker.
 */
export const LONGEST: readonly string[] = [
  'packages/backend-libsql/test/conformance-replica.test.ts',
  'tests/docs-snippets.test.ts',
  'packages/backend-libsql/test/conformance-server.test.ts',
  'packages/legacy-conversion/test/interruptions.test.ts', // @legacy
  'packages/backend-libsql/test/server-failures.test.ts',
  'packages/cli/test/damaged-stores.test.ts',
  'packages/legacy-conversion/test/fixtures.test.ts', // @legacy
  'tests/soak-damage.test.ts',
  'tests/benchmarks.test.ts',
  'packages/backend-libsql/test/conformance-server-jwt.test.ts',
  'packages/backend-libsql/test/conformance-isolated.test.ts',
  'packages/backend-libsql/test/ill-formed-text.test.ts',
  'tests/soak.test.ts',
  'packages/backend-libsql/test/conformance.test.ts',
  'packages/cli/test/legacy/vectors-in-index.test.ts', // @legacy
  'packages/backend-sqlite-vec/test/conformance.test.ts', // @legacy
  'packages/legacy-conversion/test/faults.test.ts', // @legacy
  'packages/cli/test/legacy/convert.test.ts', // @legacy
  'packages/cli/test/legacy/copy-killed.test.ts', // @legacy
  'packages/cli/test/legacy/convert-to-server.test.ts', // @legacy
  'packages/backend-libsql/test/server-errors.test.ts',
  'packages/cli/test/second-opens.test.ts',
  'packages/cli/test/signals.test.ts',
  'tests/rows-out-of-order.test.ts',
  'packages/backend-libsql/test/auth-token.test.ts',
  'packages/backend-libsql/test/conformance-outcomes.test.ts',
  'packages/storage-compare/test/report-page.test.ts',
  'packages/storage-rollout/test/stages.test.ts',
  'packages/legacy-conversion/test/destinations.test.ts', // @legacy
  'packages/storage-rollout/test/checker.test.ts',
  'packages/backend-libsql/test/replica-failures.test.ts',
  'packages/cli/test/reembed.test.ts',
  'packages/cli/test/compare.test.ts',
  'packages/cli/test/search.test.ts',
];

/** Starts the files that take longest first, so that the workers end at about the same time. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = this.ctx.config.root;
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(relative(root, moduleId).replaceAll('\\', '/'));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
