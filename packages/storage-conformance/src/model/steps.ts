import { type FtsWeights, type Mutation, versionStatuses } from '@switchyard/storage-core';
import fc from 'fast-check';

/** One round of the model test: writes applied together, followed by a search of each kind. */
export interface Round {
  readonly writes: readonly Mutation[];
  /** Drops all vectors before the writes. */
  readonly reset: boolean;
  readonly search: {
    readonly version: { readonly library: string; readonly version: string };
    readonly vector: Float32Array;
    readonly terms: readonly string[];
    readonly limit: number;
    readonly weights: FtsWeights | undefined;
    readonly excludeStructural: boolean;
  };
}

/** A world small enough for collisions to be frequent. */
const libraries = ['fastify', 'Pino'];
const versions = ['', '2.0.0-RC'];
/** Every possible version, in lower case. */
export const allVersions = libraries.flatMap((library) =>
  versions.map((version) => ({ library: library.toLowerCase(), version: version.toLowerCase() })),
);
const urls = ['/a', '/b', 'https://example.org/routes', '/ü'];
const words = [
  'zebra',
  'zebras',
  'Okapi',
  'routing',
  'routed',
  'the',
  'crème',
  'of',
  '文档',
  'x1',
  'AND',
  '"quoted"',
  'a-b',
];
const headings = ['Guide', 'Routes', 'The Zebra'];

const anyCase = (name: string) => fc.constantFrom(name, name.toUpperCase(), name.toLowerCase());
const version = fc.record({
  library: fc.constantFrom(...libraries).chain(anyCase),
  version: fc.constantFrom(...versions).chain(anyCase),
});
const url = fc.constantFrom(...urls);
const text = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => parts.join(' '));
/** From a coarse grid or one of three vectors, so that equal vectors and equal distances are frequent. */
const vector = fc
  .oneof(
    fc.array(fc.constantFrom(-1, 0, 0.5, 1, 2), { minLength: 4, maxLength: 4 }),
    fc.constantFrom([1, 0, 0, 0], [0, 1, 0, 0], [1, 2, 3, 4]),
  )
  .map((components) => Float32Array.from(components));
const moment = fc.integer({ min: 10, max: 28 }).map((day) => `2024-05-${day} 10:00:00`);

const chunk = fc.record({
  content: text,
  metadata: fc.record({
    types: fc.constantFrom(['text'], ['text'], ['structural'], ['code', 'text']),
    level: fc.integer({ min: 0, max: 3 }),
    path: fc.array(fc.constantFrom(...headings), { maxLength: 3 }),
  }),
  vector: fc.option(vector, { freq: 4 }),
  createdAt: moment,
});

const replacePage = fc
  .record({
    version,
    page: fc.record({
      url,
      title: fc.option(text),
      depth: fc.option(fc.nat(5)),
      createdAt: moment,
      updatedAt: moment,
    }),
    chunks: fc.array(chunk, { maxLength: 5 }),
  })
  .map((content): Mutation[] => [
    // Resolved first, so that the mirror knows the ids of library and version.
    { kind: 'resolveVersion', ...content.version },
    { kind: 'replacePage', ...content },
  ]);

const single = <T extends Mutation>(mutation: fc.Arbitrary<T>): fc.Arbitrary<Mutation[]> =>
  mutation.map((one) => [one]);

const write: fc.Arbitrary<Mutation[]> = fc.oneof(
  { weight: 8, arbitrary: replacePage },
  single(version.map((names) => ({ kind: 'resolveVersion' as const, ...names }))),
  single(fc.record({ kind: fc.constant('deletePage' as const), page: fc.record({ version, url }) })),
  single(fc.record({ kind: fc.constant('deletePages' as const), version })),
  single(
    fc.record({
      kind: fc.constant('removeVersion' as const),
      version,
      removeLibrary: fc.option(fc.boolean(), { nil: undefined }),
    }),
  ),
  single(
    fc.record({
      kind: fc.constant('deletePages' as const),
      version,
      filter: fc.oneof(
        fc.record({ urlPrefix: fc.constantFrom('/', '/a', 'https://example.org/', '/%') }),
        fc.record({ notUpdatedSince: moment }),
        fc.record({ urlPrefix: fc.constantFrom('/', '/b'), notUpdatedSince: moment }),
      ),
    }),
  ),
  single(
    fc.record({
      kind: fc.constant('removeLibrary' as const),
      library: fc.record({ library: fc.constantFrom(...libraries).chain(anyCase) }),
    }),
  ),
  { weight: 1, arbitrary: single(fc.constant({ kind: 'clear' as const })) },
  single(
    fc.record({
      kind: fc.constant('setVersionStatus' as const),
      version,
      status: fc.constantFrom(...versionStatuses),
      errorMessage: fc.option(text),
    }),
  ),
  single(
    fc.record({
      kind: fc.constant('setVersionProgress' as const),
      version,
      pages: fc.nat(9),
      maxPages: fc.nat(9),
    }),
  ),
  single(
    fc.record({
      kind: fc.constant('setScraperOptions' as const),
      version,
      sourceUrl: fc.option(url),
      options: fc.option(fc.record({ depth: fc.nat(9) })),
    }),
  ),
);

const round: fc.Arbitrary<Round> = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 4 }).map((lists) => lists.flat()),
  reset: fc.integer({ min: 0, max: 15 }).map((number) => number === 15),
  search: fc.record({
    version,
    vector,
    terms: fc.array(fc.constantFrom(...words, ...headings, 'example'), { maxLength: 3 }),
    limit: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 12 })),
    weights: fc.option(
      fc.record({
        content: fc.nat(9),
        title: fc.nat(9),
        url: fc.nat(9),
        path: fc.integer({ min: 1, max: 9 }),
      }),
      { nil: undefined },
    ),
    excludeStructural: fc.boolean(),
  }),
});

/** A sequence of up to ten rounds. */
export const rounds: fc.Arbitrary<readonly Round[]> = fc.array(round, { minLength: 1, maxLength: 10 });
