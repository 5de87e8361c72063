import * as Plot from '@observablehq/plot';
import type { PairResult } from '../../types.js';
import type { Html } from '../html.js';
import { drawPlot, storeColor } from './plot.js';

/** Mean rank-biased overlap by intent with 95 % intervals; null without intents. */
export function intentChart(pair: PairResult, store: number): Html | null {
  if (pair.intents.length === 0) return null;
  const rows = pair.intents.map(({ intent, queries, rankBiasedOverlap }) => ({
    // A name that a data set makes up must not fill the page.
    name: `${intent.length > 20 ? `${intent.slice(0, 19)}…` : intent} (${queries})`,
    ...rankBiasedOverlap,
  }));
  return drawPlot(
    {
      width: 720,
      height: 62 + rows.length * 30,
      marginLeft: 180,
      marginRight: 60,
      marginBottom: 44,
      x: {
        label: 'mean rank-biased overlap, 95 % interval →',
        domain: [Math.min(0.9, ...rows.map(({ low }) => low)), 1],
        ticks: 5,
        grid: true,
        labelOffset: 40,
      },
      y: { label: null, domain: rows.map(({ name }) => name) },
      marks: [
        Plot.ruleY(rows, { y: 'name', x1: 'low', x2: 'high', stroke: storeColor(store), strokeWidth: 3 }),
        Plot.dot(rows, { y: 'name', x: 'value', fill: storeColor(store), r: 5 }),
        Plot.text(rows, {
          y: 'name',
          x: 'high',
          text: (row: { value: number }) => row.value.toFixed(3),
          textAnchor: 'start',
          dx: 8,
          fill: 'currentColor',
        }),
      ],
    },
    `Overlap of ${pair.store} with ${pair.reference} by intent`,
    rows
      .map(
        ({ name, value, low, high }) =>
          `${name} ${value.toFixed(3)}, ${low.toFixed(3)} to ${high.toFixed(3)}`,
      )
      .join('; '),
  );
}
