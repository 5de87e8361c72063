/** What the command line understands, in the order of the help, as `parseArgs` takes it. */
export const options = {
  n: {
    type: 'string',
    value: 'N',
    meaning: 'chunks or vectors in the version that is searched; 20000 and 20k are the same',
  },
  dim: { type: 'string', value: 'D', meaning: 'components of a vector' },
  k: { type: 'string', value: 'K[,K…]', meaning: 'hits asked for, or the limits of a hybrid search' },
  versions: { type: 'string', value: 'V', meaning: 'versions of that size in the store' },
  queries: { type: 'string', value: 'Q', meaning: 'searches that are measured' },
  contenders: {
    type: 'string',
    value: 'A,B',
    meaning: 'only these; also what is otherwise left out for taking too long',
  },
  json: { type: 'string', value: 'FILE', meaning: 'also write the result as JSON' },
  markdown: { type: 'string', value: 'FILE', meaning: 'also write the tables as Markdown' },
  svg: { type: 'string', value: 'FILE', meaning: 'draw the curve of scaling' },
  real: {
    type: 'boolean',
    meaning:
      'no mixed vectors while there is text to embed: up to 23,000, which takes 10 min at the first run',
  },
  synthetic: {
    type: 'boolean',
    meaning: 'made-up text and vectors, nothing to install: to try the benchmark out, not to quote',
  },
  help: { type: 'boolean', short: 'h', meaning: 'show this' },
} as const;

/** The options as lines of the help. */
export function listOptions(): string {
  return Object.entries(options)
    .map(([name, option]) => {
      const value = 'value' in option ? ` ${option.value}` : '';
      return `  ${`--${name}${value}`.padEnd(18)}${option.meaning}`;
    })
    .join('\n');
}
