import { findRow, numberOf, type Row } from './read-tables.js';

/** One of the figures that matter: what libSQL takes, and what the alternative takes. */
export interface Figure {
  readonly title: string;
  /** Name of the alternative. */
  readonly against: string;
  /** Cells with their units. */
  readonly theirs: string;
  readonly ours: string;
  /** Times as good as the alternative: above 1 is better. */
  readonly ratio: number;
  /** Heading of the table, for a link. */
  readonly section: string;
}

interface FigureSource {
  readonly title: string;
  readonly table: string;
  readonly cells: Readonly<Record<string, string>>;
  readonly against: string;
  /** Cells that differ between the two rows besides the contender. */
  readonly theirCells?: Readonly<Record<string, string>>;
  readonly ourCells?: Readonly<Record<string, string>>;
}

const sources: readonly FigureSource[] = [
  {
    title: 'Hybrid search, 20,000 chunks',
    table: 'Hybrid search, one version of 20,000 chunks / hybrid',
    cells: { k: '10' },
    against: 'legacy',
  },
  {
    title: 'Hybrid search, 60,000 chunks in 3 versions',
    table: 'Hybrid search with two more versions of 20,000 in the store / hybrid',
    cells: { k: '10' },
    against: 'legacy',
  },
  {
    title: 'Vector search, 20,000 vectors',
    table: 'Vector search only, with peers',
    cells: { k: '10', n: '20,000' },
    against: 'sqlite-vec',
  },
  {
    title: 'Vector search, 200,000 vectors',
    table: '200,000 vectors',
    cells: { k: '10' },
    against: 'sqlite-vec',
  },
  {
    title: 'Writing a page',
    table: 'Writing pages',
    cells: { dim: '768' },
    against: 'app-sql',
    theirCells: { parameters: 'triggers, vectors as JSON' },
    ourCells: { parameters: 'apply([replacePage])' },
  },
  {
    title: 'Writing eight pages in a transaction',
    table: 'Writing pages',
    cells: { dim: '768' },
    against: 'app-sql',
    theirCells: { parameters: 'triggers, vectors as JSON, 8 pages per transaction' },
    ourCells: { parameters: 'apply of 8 pages' },
  },
  {
    title: 'Bytes per chunk',
    table: 'Bytes per chunk',
    cells: { dim: '768' },
    against: 'app-sql',
  },
  {
    title: 'Opening a store and the first search',
    table: 'Cold start',
    cells: { n: '20,000' },
    against: 'sqlite-vec',
  },
  {
    title: 'Vector search on a server 10 ms away',
    table: 'On a server',
    cells: { 'round trip': '10 ms' },
    against: 'libsql-scan',
    ourCells: { parameters: 'vectors.nearest' },
  },
  {
    title: 'Memory growth of a process that searches',
    table: 'Memory',
    cells: { n: '20,000' },
    against: 'sqlite-vec',
  },
];

/** The ten figures that matter, from the tables. */
export function readFigures(tables: ReadonlyMap<string, readonly Row[]>): Figure[] {
  return sources.map(({ title, table, cells, against, theirCells = {}, ourCells = {} }) => {
    const theirs = findRow(tables, table, { ...cells, ...theirCells, contender: against }).p50 ?? '';
    const ours = findRow(tables, table, { ...cells, ...ourCells, contender: 'libsql' }).p50 ?? '';
    const ratio = numberOf(theirs) / numberOf(ours);
    return { title, against, theirs, ours, ratio, section: table.split(' / ')[0] as string };
  });
}

/** The figures as a Markdown table. */
export function figuresTable(figures: readonly Figure[]): string {
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-');
  return [
    '| median of | alternative | libSQL | times as good |',
    '| --- | --- | --- | --- |',
    ...figures.map(
      ({ title, against, theirs, ours, ratio, section }) =>
        `| [${title}](#${anchor(section)}) | ${theirs} (\`${against}\`) | ${ours} | ${ratioText(ratio)} |`,
    ),
  ].join('\n');
}

export function ratioText(ratio: number): string {
  return `${ratio >= 9.95 ? ratio.toFixed(0) : ratio.toPrecision(2)} ×`;
}
