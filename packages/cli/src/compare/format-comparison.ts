import {
  type Check,
  type Comparison,
  type Estimate,
  findingsOf,
  type PairResult,
  verdictOf,
} from '@switchyard/storage-compare';
import type { Output } from '../output/output.js';
import { formatBytes, printable } from '../output/plain-text.js';
import { formatTable } from '../output/table.js';

const signs = { same: '✓', note: 'i', difference: '≠' } as const;

/** The comparison for a person: verdict, reasons, quality beside latency, sizes, and what differs most. */
export function formatComparison(
  comparison: Comparison,
  checks: readonly Check[],
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string {
  const paint = { same: colors.green, note: colors.dim, difference: colors.red };
  const verdicts = comparison.pairs.flatMap((pair) => {
    const { kind, text } = verdictOf(comparison, pair);
    return [
      colors.bold(paint[kind](`${signs[kind]} ${text}`)),
      ...findingsOf(comparison, pair).map(
        (finding) => `  ${paint[finding.kind](signs[finding.kind])} ${finding.text}`,
      ),
    ];
  });
  const parts = [
    verdicts.join('\n'),
    qualityTable(comparison, colors, columns),
    sizeTable(comparison, colors, columns),
    ...comparison.pairs.flatMap((pair) => examples(comparison, pair)),
    ...(checks.length === 0 ? [] : [formatChecks(checks, colors)]),
    origin(comparison),
  ];
  return parts.join('\n\n');
}

/** Latency never stands without the quality beside it. */
function qualityTable(
  { stores, pairs }: Comparison,
  colors: Output['colors'],
  columns: number | null,
): string {
  const rows = stores.map(({ name, latency, recall, errors }, index) => {
    const pair = pairs[index - 1];
    return [
      name,
      pair?.tieAwareOverlap.toFixed(3) ?? 'reference',
      pair?.rankBiasedOverlap.toFixed(3) ?? '',
      pair?.scoreDifference.toPrecision(2) ?? '',
      recall === null
        ? ''
        : `${recall.mean.toFixed(3)} / ${recall.p5.toFixed(2)} / ${recall.worst.toFixed(2)}`,
      String(errors),
      milliseconds(latency?.p50),
      milliseconds(latency?.p95),
      milliseconds(latency?.p99),
      ratio(pair),
    ];
  });
  const head = [
    'store',
    'overlap',
    'rbo',
    'score diff.',
    'recall / p5 / worst',
    'errors',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'p50 ratio',
  ];
  return formatTable(head, rows, colors, columns);
}

function milliseconds(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '';
  const { value, low, high } = estimate;
  return `${value.toPrecision(3)} (${low.toPrecision(3)}–${high.toPrecision(3)})`;
}

function ratio(pair: PairResult | undefined): string {
  const found = pair?.latencyRatio ?? null;
  if (found === null) return '';
  const p = found.pValue < 0.001 ? 'p < 0.001' : `p = ${found.pValue.toFixed(3)}`;
  return `${found.p50.value.toFixed(2)} (${p})`;
}

function sizeTable({ stores }: Comparison, colors: Output['colors'], columns: number | null): string {
  const rows = stores.map(({ name, backend, location, mode, counts, bytes, digest }) => [
    name,
    `${backend}${mode === 'exact' ? '' : ` (${mode})`} ${location}`,
    String(counts.pages),
    String(counts.chunks),
    String(counts.vectors),
    bytes.file === undefined ? '' : formatBytes(bytes.file),
    digest?.slice(0, 12) ?? '',
  ]);
  return formatTable(
    ['store', 'location', 'pages', 'chunks', 'vectors', 'file', 'digest'],
    rows,
    colors,
    columns,
  );
}

const EXAMPLES_MAX = 5;

function examples({ queries, pairs }: Comparison, pair: PairResult): string[] {
  const at = pairs.indexOf(pair);
  const different = queries
    .flatMap((query) => {
      const found = query.pairs[at];
      return found === undefined || ['identical', 'near-tie'].includes(found.relation)
        ? []
        : [{ query, found }];
    })
    .sort((a, b) => a.found.rankBiasedOverlap - b.found.rankBiasedOverlap);
  if (different.length === 0) return [];
  const lines = different.slice(0, EXAMPLES_MAX).map(({ query: { library, version, text }, found }) => {
    const where = version === '' ? library : `${library}@${version}`;
    const shown = printable(text).replaceAll(/\s+/g, ' ').slice(0, 60);
    return `  ${found.rankBiasedOverlap.toFixed(3)}  ${found.relation.padEnd(8)}  ${where}: ${shown}`;
  });
  const more = different.length - lines.length;
  return [
    [
      `${pair.store} differs most from ${pair.reference} in:`,
      ...lines,
      ...(more > 0 ? [`  and ${more} more; see --report`] : []),
    ].join('\n'),
  ];
}

function formatChecks(checks: readonly Check[], colors: Output['colors']): string {
  return checks
    .map(({ threshold, store, value, limit, passed }) => {
      const shown = value === null ? 'not measured' : value.toPrecision(4);
      return `${passed ? colors.green('pass') : colors.red('FAIL')}  ${threshold} ${limit}: ${store} ${shown}`;
    })
    .join('\n');
}

function origin({ environment, settings, queries }: Comparison): string {
  const { switchyard, commit, node, platform, cpu, cores, load } = environment;
  return [
    `${queries.length} queries (${settings.source}), ${settings.repeat === 1 ? 'once' : `${settings.repeat} times`} each, seed ${settings.seed}; intervals of 95 %.`,
    `${cpu}, ${cores} cores, ${platform}, load ${load.toFixed(1)}; Node.js ${node}; Switchyard ${switchyard}${commit === null ? '' : ` (${commit})`}.`,
  ].join('\n');
}
