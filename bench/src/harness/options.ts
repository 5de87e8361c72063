/** Command-line options in the order of the help, as accepted by `parseArgs`. */
export const options = {
  n: {
    type: 'string',
    value: 'N',
    meaning: 'chunks or vectors in the searched version; 20000 and 20k are equal',
  },
  dim: { type: 'string', value: 'D', meaning: 'components of a vector' },
  k: { type: 'string', value: 'K[,K…]', meaning: 'number of hits, or the limits of a hybrid search' },
  versions: { type: 'string', value: 'V', meaning: 'versions of this size in the store' },
  queries: { type: 'string', value: 'Q', meaning: 'number of measured searches' },
  contenders: {
    type: 'string',
    value: 'A,B',
    meaning: 'run only these, including those that are skipped by default because they take too long',
  },
  json: { type: 'string', value: 'FILE', meaning: 'also write the result as JSON' },
  markdown: { type: 'string', value: 'FILE', meaning: 'also write the tables as Markdown' },
  svg: { type: 'string', value: 'FILE', meaning: 'draw the scaling curve' },
  real: {
    type: 'boolean',
    meaning: 'use real embeddings only, up to 23,000; takes 10 min in the first run',
  },
  synthetic: {
    type: 'boolean',
    meaning:
      'use synthetic text and vectors, without installing anything; for testing the benchmark, not for publishing',
  },
  help: { type: 'boolean', short: 'h', meaning: 'show this help' },
} as const;

/** Lists the options as lines of the help. */
export function listOptions(): string {
  return Object.entries(options)
    .map(([name, option]) => {
      const value = 'value' in option ? ` ${option.value}` : '';
      return `  ${`--${name}${value}`.padEnd(18)}${option.meaning}`;
    })
    .join('\n');
}
