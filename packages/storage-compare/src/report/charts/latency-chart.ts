import * as Plot from '@observablehq/plot';
import type { Comparison } from '../../types.js';
import type { Html } from '../html.js';
import { drawPlot, storeColor } from './plot.js';

/** Samples drawn per store; more would only make the page larger. */
const SAMPLES_MAX = 400;

/** Distribution of the latencies of each store, on a logarithmic axis. */
export function latencyChart({ stores, queries }: Comparison): Html | null {
  const samples = stores.flatMap(({ name }, index) => {
    const all = queries.flatMap(({ answers }) => answers[index]?.milliseconds ?? []).sort((a, b) => a - b);
    // Evenly spaced quantiles keep the shape of the distribution.
    const step = Math.max(1, all.length / SAMPLES_MAX);
    return Array.from({ length: Math.min(all.length, SAMPLES_MAX) }, (_, at) => ({
      store: name,
      ms: Number((all[Math.floor(at * step)] as number).toPrecision(4)),
    }));
  });
  if (samples.length === 0) return null;
  const marks = stores.flatMap(({ name, latency }) =>
    latency === null
      ? []
      : (['p50', 'p95', 'p99'] as const).map((label) => ({ store: name, label, ...latency[label] })),
  );
  const names = stores.map(({ name }) => name);
  const low = Math.min(...samples.map(({ ms }) => ms)) * 0.9;
  const high = Math.max(...samples.map(({ ms }) => ms)) * 1.1;
  const text = marks
    .map(({ store, label, value }) => `${store} ${label} ${value.toPrecision(3)} ms`)
    .join(', ');
  return drawPlot(
    {
      width: 720,
      height: 62 + names.length * 74,
      marginLeft: 20 + 8 * Math.min(20, Math.max(...names.map(({ length }) => length))),
      marginRight: 20,
      marginTop: 8,
      marginBottom: 44,
      x: {
        type: 'log',
        domain: [low, high],
        label: 'milliseconds per search →',
        tickFormat: '~r',
        ticks: 6,
        grid: true,
        labelOffset: 40,
      },
      fy: { domain: names, label: null, padding: 0.12, axis: 'left' },
      y: { axis: null },
      color: { domain: names, range: names.map((_, index) => storeColor(index)) },
      marks: [
        Plot.rectY(
          samples,
          Plot.binX({ y: 'proportion-facet' }, {
            x: { value: 'ms', thresholds: logSteps(low, high, 48) },
            fy: 'store',
            fill: 'store',
            fillOpacity: 0.45,
          } as Plot.BinXInputs<Plot.RectYOptions>),
        ),
        Plot.ruleX(marks, { x: 'value', fy: 'store', stroke: 'store', strokeWidth: 2 }),
        Plot.text(marks, {
          x: 'value',
          fy: 'store',
          text: 'label',
          frameAnchor: 'top',
          textAnchor: 'start',
          dx: 4,
          dy: 2,
          fill: 'currentColor',
          stroke: 'var(--paper)',
          strokeWidth: 3,
        }),
      ],
    },
    'Latency of each store',
    text,
  );
}

function logSteps(low: number, high: number, count: number): number[] {
  const factor = (high / low) ** (1 / count);
  return Array.from({ length: count + 1 }, (_, step) => low * factor ** step);
}
