import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { findingsOf, verdictOf } from '../findings.js';
import type { Check } from '../gate.js';
import type { Comparison, PairResult } from '../types.js';
import { intentChart } from './charts/intent-chart.js';
import { latencyChart } from './charts/latency-chart.js';
import { overlapChart } from './charts/overlap-chart.js';
import { Html, html } from './html.js';
import type { PageData } from './page-data.js';
import { checksTable, differencesTable, methodSection, short, sizesTable, storesTable } from './tables.js';
import { toPageData } from './to-page-data.js';

/** Largest size of a page for some hundreds of queries; excerpts get shorter until it is kept. */
const BYTES_MAX = 2_000_000;
const EXCERPT_LENGTHS = [260, 180, 100, 40];

/** Options of {@link renderReport}. */
export interface ReportOptions {
  /** Thresholds that were checked; shown at the top. */
  readonly checks?: readonly Check[] | undefined;
  /** Adds the live box, for a page that {@link serveReport} serves. Default false. */
  readonly live?: boolean | undefined;
}

/**
 * Renders a comparison as one self-contained page: it loads nothing, and its content security policy runs nothing but its
 * own script. Texts of documents are data to that script, never markup.
 */
export function renderReport(
  comparison: Comparison,
  { checks = [], live = false }: ReportOptions = {},
): string {
  const versions = live ? (comparison.stores[0]?.versions ?? []) : [];
  let page = '';
  for (const length of EXCERPT_LENGTHS) {
    const data: PageData = {
      ...toPageData(comparison, length),
      versions: versions.map(({ library, version }) => ({ library, version })),
    };
    page = render(comparison, data, checks, live);
    if (Buffer.byteLength(page) <= BYTES_MAX) break;
  }
  return page;
}

/** The script and the style sheet of the page, as the build bundled them. */
function asset(name: string): string {
  return readFileSync(new URL(`../bundle/${name}`, import.meta.url), 'utf8');
}

function render(comparison: Comparison, data: PageData, checks: readonly Check[], live: boolean): string {
  const [script, style] = [asset('page.js').trim(), asset('page.css').trim()];
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    `connect-src ${live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const packed = deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64');
  const { pairs, stores } = comparison;
  const title = `${stores.map(({ name }) => name).join(' and ')} compared`;
  const latency = latencyChart(comparison);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#explorer">Skip to the queries</a>
<header>
<p class="kicker">Switchyard comparison · ${comparison.createdAt.slice(0, 10)}</p>
<h1>${title}</h1>
<ul class="legend">${stores.map(({ name, location, backend, mode }, index) => html`<li><span class="key store-${index % 6}">${name}</span> ${backend}${mode === 'exact' ? '' : `, ${mode}`} <code>${location}</code></li>`)}</ul>
</header>
<main>
${pairs.map((pair) => verdict(comparison, pair))}
${checksTable(checks)}
<section aria-labelledby="quality"><h2 id="quality">Quality and latency</h2>
${storesTable(comparison)}
${latency === null ? null : html`<figure><figcaption>Latency: share of the searches by duration, with the median, 95th and 99th percentile</figcaption>${wide('Latency', latency)}</figure>`}
${pairs.map((pair, index) => charts(comparison, pair, index))}
</section>
${live ? liveSection() : null}
<section id="explorer" aria-labelledby="queries"><h2 id="queries">Queries</h2>
<noscript><p>The query explorer needs JavaScript. Everything above and below it does not.</p></noscript>
<div id="app"></div>
</section>
<section aria-labelledby="sizes"><h2 id="sizes">Sizes and counts</h2>${sizesTable(comparison)}</section>
<section aria-labelledby="method"><h2 id="method">Method and machine</h2>${methodSection(comparison)}</section>
</main>
<script id="data" type="text/plain">${packed}</script>
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

const signs = { same: '✓', note: 'i', difference: '≠' } as const;

function verdict(comparison: Comparison, pair: PairResult): Html {
  const main = verdictOf(comparison, pair);
  const findings = findingsOf(comparison, pair);
  const { latencyRatio, tieAwareOverlap, different } = pair;
  const queries = comparison.queries.length;
  const store = comparison.stores.find(({ name }) => name === pair.store);
  const [p50, p95] = [latencyRatio?.p50, latencyRatio?.p95];
  const range = ({ low, high }: { low: number; high: number }) => `${short(low)}–${short(high)}`;
  return html`<section class="verdict ${main.kind}" aria-label="Verdict on ${pair.store}">
<p class="sentence"><span class="sign ${main.kind}" aria-hidden="true">${signs[main.kind]}</span> ${main.text}</p>
<ul class="tiles">
<li><b>${tieAwareOverlap.toFixed(3)}</b><span>tie-aware overlap</span></li>
<li><b>${queries - different} / ${queries}</b><span>queries with the same answer</span></li>
<li><b>${p50 === undefined ? '–' : `${short(p50.value)} ×`}</b><span>the median latency of ${pair.reference}${p50 === undefined ? '' : ` (${range(p50)})`}</span></li>
<li><b>${p95 === undefined ? '–' : `${short(p95.value)} ×`}</b><span>the 95th percentile of ${pair.reference}${p95 === undefined ? '' : ` (${range(p95)})`}</span></li>
<li><b>${store?.errors ?? 0}</b><span>errors of ${pair.store}</span></li>
</ul>
<ul class="findings">${findings.map(({ kind, text }) => html`<li class="${kind}"><span class="sign ${kind}" aria-hidden="true">${signs[kind]}</span> ${text}</li>`)}</ul>
</section>`;
}

function charts(comparison: Comparison, pair: PairResult, index: number): Html {
  const byIntent = intentChart(pair, index + 1);
  return html`<figure><figcaption>Overlap of ${pair.store} with ${pair.reference}, query by query</figcaption>${wide(`Overlap of ${pair.store} by query`, overlapChart(comparison, pair))}${differencesTable(pair)}</figure>
${byIntent === null ? null : html`<figure><figcaption>Overlap by intent, with 95 % intervals</figcaption>${wide(`Overlap of ${pair.store} by intent`, byIntent)}</figure>`}`;
}

/** On a phone a chart scrolls sideways rather than becoming too small to read. */
function wide(label: string, chart: Html): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${chart}</div>`;
}

function liveSection(): Html {
  return html`<section id="live" aria-labelledby="live-title"><h2 id="live-title">Ask all stores now</h2><div id="live-app"></div></section>`;
}
