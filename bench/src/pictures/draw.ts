import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Figure, ratioText } from './figures.js';
import { numberOf, type Row } from './read-tables.js';

const BETTER = '#0b62a8';
const WORSE = '#b4460a';

/** The ten figures in one picture: bars to the right are better than the alternative, to the left worse. */
export function drawFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => ({
    ...figure,
    label: `${ratioText(figure.ratio)} · ${figure.theirs} → ${figure.ours}`,
  }));
  return draw(
    {
      width: 860,
      height: 70 + rows.length * 30,
      marginLeft: 330,
      marginRight: 190,
      marginTop: 34,
      marginBottom: 40,
      x: {
        type: 'log',
        domain: [0.1, 30],
        ticks: [0.1, 0.3, 1, 3, 10, 30],
        tickFormat: (value: number) => (value === 1 ? 'equal' : `${value} ×`),
        label: 'times as good as the alternative (median) →',
        labelOffset: 34,
        grid: true,
      },
      y: { label: null, domain: rows.map(({ title }) => title), tickSize: 0 },
      marks: [
        Plot.barX(rows, {
          x1: 1,
          x2: 'ratio',
          y: 'title',
          fill: (row: Figure) => (row.ratio >= 1 ? BETTER : WORSE),
          inset: 3,
        }),
        Plot.ruleX([1]),
        Plot.text(rows, {
          x: (row: Figure) => Math.max(1, row.ratio),
          y: 'title',
          text: 'label',
          textAnchor: 'start',
          dx: 6,
        }),
      ],
    },
    'libSQL compared with the alternatives',
  );
}

/** Recall and time of each contender of the vector search for ten neighbors. */
export function drawRecall(rows: readonly Row[]): string {
  const points = rows
    // Of the runs on that page, the one in which every vector is the embedding of a text.
    .filter(({ k, n, embedded }) => k === '10' && n === embedded)
    .map((row) => ({
      name: nameOf(row),
      p50: numberOf(row.p50),
      recall: numberOf(row.recall),
      worst: numberOf(row.worst),
      own: row.contender === 'libsql',
    }));
  const color = ({ own }: { readonly own: boolean }) => (own ? BETTER : '#57606a');
  const isExact = ({ worst }: { readonly worst: number }) => worst === 1;
  return draw(
    {
      width: 860,
      height: 520,
      marginLeft: 60,
      marginRight: 120,
      marginTop: 190,
      marginBottom: 46,
      x: {
        type: 'log',
        label: 'milliseconds per search (median) →',
        labelOffset: 38,
        tickFormat: '~r',
        ticks: 6,
        grid: true,
      },
      y: { label: null, domain: [0, 1], tickFormat: '.1f', grid: true },
      marks: [
        Plot.ruleX(points, { x: 'p50', y1: 'worst', y2: 'recall', stroke: '#8a939b', strokeWidth: 1.5 }),
        Plot.text(together(points.filter(isExact)), {
          x: 'p50',
          y: 'recall',
          text: 'name',
          fill: color,
          textAnchor: 'start',
          rotate: -38,
          dx: 3,
          dy: -9,
        }),
        Plot.text(alongLines(points.filter((point) => !isExact(point))), {
          x: 'p50',
          y: 'at',
          text: 'name',
          textAnchor: 'start',
          dx: 5,
          stroke: '#ffffff',
          strokeWidth: 4,
          fill: '#1b1f24',
        }),
        Plot.dot(points, { x: 'p50', y: 'recall', r: 5, fill: color }),
      ],
    },
    'Vector search: recall and time',
    'Recall of the ten nearest; the line reaches down to the worst query. Names above the frame are exact.',
  );
}

/** The contender without its scope, and what tells its rows apart. */
function nameOf({ contender = '', parameters = '' }: Row): string {
  const name = contender
    .replace(/^@duckdb\/.*/, 'duckdb')
    .replace(/^@[^/]+\//, '')
    .replace(/-node$/, '');
  const kind = /IVF_PQ|IVF_HNSW_SQ|HNSW/.exec(parameters)?.[0];
  const ef = /\bef (\d+)/.exec(parameters)?.[1];
  return [
    name,
    ...(kind === undefined ? [] : [kind]),
    ...(kind === 'HNSW' && ef !== undefined ? [`ef ${ef}`] : []),
  ].join(', ');
}

/** Labels at the lower ends of the lines, moved up where they would cover one another. */
function alongLines<T extends { readonly p50: number; readonly worst: number }>(points: readonly T[]) {
  const placed: { readonly p50: number; readonly at: number }[] = [];
  return [...points]
    .sort((a, b) => b.p50 - a.p50)
    .map((point) => {
      let at = point.worst + 0.03;
      while (placed.some((other) => other.p50 / point.p50 < 3 && Math.abs(other.at - at) < 0.05)) at += 0.055;
      placed.push({ p50: point.p50, at });
      return { ...point, at };
    });
}

/** One label for contenders that take about the same time, since their labels would cover one another. */
function together<T extends { readonly name: string; readonly p50: number; readonly own: boolean }>(
  points: readonly T[],
): T[] {
  const labels: T[] = [];
  for (const point of [...points].sort((a, b) => a.p50 - b.p50)) {
    const last = labels.at(-1);
    if (last !== undefined && !last.own && point.p50 / last.p50 < 1.2) {
      labels[labels.length - 1] = { ...last, name: `${last.name}, ${point.name}` };
    } else labels.push(point);
  }
  return labels;
}

/** A chart with a title, on white, so that it can be read on any page. */
function draw(options: Plot.PlotOptions, title: string, subtitle = ''): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const given = { ...options, document: document as unknown as NonNullable<Plot.PlotOptions['document']> };
  const svg = Plot.plot(given) as unknown as {
    outerHTML: string;
    querySelector(name: string): { remove(): void } | null;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
  };
  svg.querySelector('style')?.remove();
  svg.removeAttribute('class');
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    role: 'img',
    'aria-label': title,
    'font-size': '14',
    fill: '#1b1f24',
    color: '#1b1f24',
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const { width = 860, height = 400 } = options;
  const ground = `<rect width="${width}" height="${height}" fill="#ffffff"/><text x="12" y="22" text-anchor="start" font-size="16" font-weight="600">${title}</text><text x="12" y="44" text-anchor="start" font-size="13">${subtitle}</text>`;
  return `${svg.outerHTML.replace(/^<svg[^>]*>/, (open) => `${open}${ground}`)}\n`;
}
