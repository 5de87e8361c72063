/** A library whose documentation is searched. */
export interface CorpusLibrary {
  /** Name of the npm package that ships it. */
  readonly name: string;
  /** Matches the paths of its documentation within the package. */
  readonly paths: RegExp;
  /** Beginnings of absolute URLs of its pages, with the path in the package that they stand for. */
  readonly sites: readonly (readonly [prefix: string, path: string])[];
}

/** Documentation that ships in npm packages, all under the MIT license. `package.json` fixes the versions. */
export const libraries: readonly CorpusLibrary[] = [
  {
    name: 'fastify',
    paths: /^(?:README\.md$|docs\/)/,
    sites: [
      ['https://github.com/fastify/fastify/blob/main/', ''],
      ['https://fastify.dev/docs/latest/', 'docs/'],
      ['https://www.fastify.dev/docs/latest/', 'docs/'],
      ['https://fastify.io/docs/latest/', 'docs/'],
      ['https://www.fastify.io/docs/latest/', 'docs/'],
    ],
  },
  {
    name: 'markdownlint',
    paths: /^(?:README\.md$|doc\/)/,
    sites: [['https://github.com/DavidAnson/markdownlint/blob/main/', '']],
  },
  {
    name: 'pino',
    paths: /^(?:README\.md$|docs\/)/,
    sites: [
      ['https://github.com/pinojs/pino/blob/main/', ''],
      ['https://github.com/pinojs/pino/blob/master/', ''],
      ['https://getpino.io/#/', ''],
    ],
  },
  {
    name: 'undici',
    paths: /^(?:README\.md$|docs\/)/,
    sites: [
      ['https://github.com/nodejs/undici/blob/main/', ''],
      ['https://undici.nodejs.org/#/', 'docs/'],
    ],
  },
];
