import type { Check } from '../gate.js';
import { type Comparison, type PairResult, type Relation, relations } from '../types.js';
import { type Html, html } from './html.js';

/** Meaning of each relation, for people. */
export const relationTexts: Readonly<Record<Relation, string>> = {
  identical: 'identical',
  'near-tie': 'near ties only',
  scores: 'other scores',
  ranks: 'other ranks',
  text: 'other text',
  order: 'other order',
  hits: 'other hits',
  error: 'error',
};

const numbers = new Intl.NumberFormat('en-US');

/** A number with three significant digits, without an exponent. */
export function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 8));
}

/** Bytes in the unit that fits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : short(value)} ${units[unit]}`;
}

function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Quality and latency of every store: neither stands alone. */
export function storesTable({ stores, pairs }: Comparison): Html {
  const rows = stores.map(({ name, latency, recall, errors }, index) => {
    const pair = pairs[index - 1];
    const time = (percentile: 'p50' | 'p95' | 'p99') => {
      if (latency === null) return '–';
      const { value, low, high } = latency[percentile];
      return html`${short(value)} <small>${short(low)}–${short(high)}</small>`;
    };
    return [
      html`<span class="key store-${index % 6}">${name}</span>`,
      pair === undefined ? 'reference' : pair.tieAwareOverlap.toFixed(3),
      pair === undefined ? '' : pair.overlap.toFixed(3),
      pair === undefined ? '' : pair.rankBiasedOverlap.toFixed(3),
      pair === undefined ? '' : short(pair.scoreDifference),
      recall === null ? '–' : recall.mean.toFixed(3),
      recall === null ? '–' : recall.p5.toFixed(3),
      recall === null
        ? '–'
        : recall.worst === 1
          ? '1.000'
          : html`<a href="#q${recall.worstQuery + 1}">${recall.worst.toFixed(3)}</a>`,
      String(errors),
      time('p50'),
      time('p95'),
      time('p99'),
      pair?.latencyRatio == null
        ? ''
        : pair.latencyRatio.pValue < 0.001
          ? '< 0.001'
          : pair.latencyRatio.pValue.toFixed(3),
    ];
  });
  return table(
    'Quality and latency in milliseconds, with 95 % intervals',
    [
      'store',
      'tie-aware overlap',
      'overlap',
      'rank-biased overlap',
      'largest score difference',
      'recall',
      'recall, 5th percentile',
      'recall, worst',
      'errors',
      'p50',
      'p95',
      'p99',
      'p-value of the difference',
    ],
    rows,
  );
}

/** Number of queries by relation, which is the legend of the chart as well. */
export function differencesTable(pair: PairResult): Html {
  const present = relations.filter((relation) => pair.relations[relation] > 0);
  return html`<ul class="legend">${present.map(
    (relation) =>
      html`<li><span class="swatch relation-${relation}" aria-hidden="true"></span>${relationTexts[relation]}: ${numbers.format(pair.relations[relation])}</li>`,
  )}</ul>`;
}

const thresholdTexts: Readonly<Record<Check['threshold'], string>> = {
  minOverlap: 'tie-aware overlap at least',
  minRankBiasedOverlap: 'rank-biased overlap at least',
  minRecall: 'mean recall at least',
  minWorstRecall: 'recall of the worst query at least',
  maxDifferent: 'queries that differ at most',
  maxScoreDifference: 'score difference at most',
  maxP50Ratio: 'ratio of the medians at most',
  maxP95Ratio: 'ratio of the 95th percentiles at most',
  maxErrors: 'errors at most',
};

/** The thresholds; nothing without any. */
export function checksTable(checks: readonly Check[]): Html | null {
  if (checks.length === 0) return null;
  const rows = checks.map(({ threshold, store, value, limit, passed }) => [
    `${thresholdTexts[threshold]} ${limit}`,
    store,
    value === null ? 'not measured' : short(value),
    html`<b class="${passed ? 'pass' : 'fail'}">${passed ? 'pass' : 'fail'}</b>`,
  ]);
  return html`<section aria-labelledby="gate"><h2 id="gate">Gate</h2>${table('Thresholds', ['threshold', 'store', 'value', 'result'], rows)}</section>`;
}

/** Sizes and counts of the stores. */
export function sizesTable({ stores }: Comparison): Html {
  const kinds = [...new Set(stores.flatMap(({ bytes }) => Object.keys(bytes)))];
  const rows = [
    ['engine', ...stores.map(({ engine }) => engine)],
    ['schema level', ...stores.map(({ schemaLevel }) => String(schemaLevel))],
    [
      'embedding',
      ...stores.map(({ profile }) =>
        profile === null
          ? 'none'
          : `${profile.model ?? 'unknown model'}, ${profile.dimension}, ${profile.metric}`,
      ),
    ],
    ...(['libraries', 'versions', 'pages', 'chunks', 'vectors'] as const).map((what) => [
      what,
      ...stores.map(({ counts }) => numbers.format(counts[what])),
    ]),
    ...kinds.map((kind) => [
      `${kind}, bytes`,
      ...stores.map(({ bytes }) => (bytes[kind] === undefined ? '–' : bytesText(bytes[kind] as number))),
    ]),
    [
      'digest of all content',
      ...stores.map(({ digest }) =>
        digest === null ? 'not computed' : html`<code>${digest.slice(0, 16)}…</code>`,
      ),
    ],
  ];
  return table('Sizes and counts of the stores', ['of the store', ...stores.map(({ name }) => name)], rows);
}

/** Settings, machine and versions. */
export function methodSection({ settings, environment, createdAt, stores, queries }: Comparison): Html {
  const { seed, repeat, warmUp, tieTolerance, persistence, resamples, source } = settings;
  const { switchyard, commit, node, platform, cpu, cores, memoryBytes, load } = environment;
  return html`<p>${numbers.format(queries.length)} queries (${source}), asked ${repeat} times in turn of all stores after a warm-up of ${warmUp}; the embedding of a query is not part of its latency. Intervals are 95 % bootstrap intervals over queries (${numbers.format(resamples)} resamples), the p-value is that of a paired randomization test. Scores and distances that differ by no more than ${tieTolerance} are near ties. Rank-biased overlap has persistence ${persistence}. Recall is measured against distances computed in float64. Seed ${seed}.</p>
<p>${createdAt} on ${cpu} (${cores} cores, ${bytesText(memoryBytes)}), ${platform}, Node.js ${node}, load ${load.toFixed(1)}; Switchyard ${switchyard}${commit === null ? '' : `, commit ${commit}`}.</p>
<dl>${stores.map(({ name, digest }) => html`<dt>Digest of ${name}</dt><dd><code>${digest ?? 'not computed'}</code></dd>`)}</dl>`;
}
