import * as Plot from '@observablehq/plot';
import { type ComparedQuery, type Comparison, type PairResult, relations } from '../../types.js';
import type { Html } from '../html.js';
import { drawPlot } from './plot.js';

/** Rank-biased overlap of every query, those that differ most first; the color tells the kind of difference. */
export function overlapChart({ queries, pairs }: Comparison, pair: PairResult): Html {
  const at = pairs.indexOf(pair);
  const bars = queries
    .map(({ pairs: ofQuery }) => ofQuery[at] as ComparedQuery['pairs'][number])
    .sort(
      (a, b) =>
        a.rankBiasedOverlap - b.rankBiasedOverlap ||
        relations.indexOf(b.relation) - relations.indexOf(a.relation),
    )
    .map(({ relation, rankBiasedOverlap }, index) => ({
      left: index - 0.5,
      right: index + 0.5,
      relation,
      // A bar of no height would not be seen.
      value: Math.max(0.012, rankBiasedOverlap),
    }));
  const present = relations.filter((relation) => pair.relations[relation] > 0);
  return drawPlot(
    {
      width: 720,
      height: 200,
      marginTop: 26,
      marginBottom: 30,
      marginLeft: 44,
      marginRight: 20,
      x: {
        label: `${queries.length} queries, those that differ most first →`,
        ticks: [],
        labelOffset: 24,
        domain: [-0.5, bars.length - 0.5],
      },
      y: {
        label: '↑ rank-biased overlap',
        domain: [0, 1],
        ticks: [0, 0.5, 1],
        tickFormat: '.1f',
        grid: true,
      },
      color: { domain: present, range: present.map((relation) => `var(--relation-${relation})`) },
      marks: [
        Plot.rectY(bars, {
          x1: 'left',
          x2: 'right',
          y: 'value',
          fill: 'relation',
          // Among many bars no light may show between equal ones.
          insetRight: bars.length > 150 ? -0.3 : 0.5,
        }),
        Plot.ruleY([0]),
      ],
    },
    `Overlap of ${pair.store} with ${pair.reference} by query`,
    present.map((relation) => `${relation}: ${pair.relations[relation]}`).join(', '),
  );
}
