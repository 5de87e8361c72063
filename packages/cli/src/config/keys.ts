/** Names of configuration files, in the order in which a folder is searched. */
export const configNames = [
  'switchyard.config.yaml',
  'switchyard.config.yml',
  'switchyard.config.json',
] as const;

/** Values of a configuration file, which are defaults for options of the same names. */
export interface ConfigValues {
  /** Connection string of the store. */
  readonly store?: string | undefined;
  /** Embedder of `index`, and of searches where it fits the store. */
  readonly embedder?: string | undefined;
  /** Prefix of page paths in their URLs. */
  readonly baseUrl?: string | undefined;
  /** Maximum size of a chunk in characters. */
  readonly chunkSize?: number | undefined;
  /** Globs of the files that `index` reads. */
  readonly include?: readonly string[] | undefined;
  /** Globs of files that `index` leaves out. */
  readonly exclude?: readonly string[] | undefined;
  /** Packages of further backends. */
  readonly backends?: readonly string[] | undefined;
  /** Maximum number of hits of `search`. */
  readonly limit?: number | undefined;
}

/** One key of a configuration file. */
export interface KeyDefinition {
  /** Expected value, for messages: `It must be …`. */
  readonly expected: string;
  /** One phrase for the help. */
  readonly description: string;
  /** Returns the value to use; undefined if the given one is not as expected. */
  readonly read: (value: unknown) => unknown;
}

/** Bounds of a number, which the option of the same name has too. */
export const bounds = {
  chunkSize: { min: 64, max: 1_000_000 },
  limit: { min: 0, max: 10_000 },
} as const;

const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

const url = (value: unknown) => (typeof value === 'string' && URL.canParse(value) ? value : undefined);

const wholeNumber =
  ({ min, max }: { readonly min: number; readonly max: number }) =>
  (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max ? value : undefined;

const texts = (value: unknown) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((one) => text(one) !== undefined) ? list : undefined;
};

/** Keys of a configuration file, in the order of the help. */
export const configKeys: Readonly<Record<keyof ConfigValues, KeyDefinition>> = {
  store: {
    expected: 'a connection string',
    description: 'STORE; a relative path is resolved against the folder of the file',
    read: text,
  },
  embedder: {
    expected: 'an embedder such as offline',
    description: 'EMBEDDER of index, and of search and evaluate where it fits the store',
    read: text,
  },
  baseUrl: { expected: 'a URL', description: '--base-url of index', read: url },
  chunkSize: {
    expected: `a whole number from ${bounds.chunkSize.min} to ${bounds.chunkSize.max}`,
    description: '--chunk-size of index',
    read: wholeNumber(bounds.chunkSize),
  },
  include: {
    expected: 'a glob, or a list of globs',
    description: '--include of index, one or a list',
    read: texts,
  },
  exclude: {
    expected: 'a glob, or a list of globs',
    description: '--exclude of index, one or a list',
    read: texts,
  },
  backends: {
    expected: 'the name of a package, or a list of names',
    description: 'packages of further backends, resolved from the folder of the file; see --backend',
    read: texts,
  },
  limit: {
    expected: `a whole number from ${bounds.limit.min} to ${bounds.limit.max}`,
    description: '--limit of search',
    read: wholeNumber(bounds.limit),
  },
};
