import { type GroupSummary, summaryNames } from '@switchyard/search-evaluation';
import type { Output } from '../output/output.js';
import { formatTable } from '../output/table.js';
import type { EvaluationResult } from './result.js';

const titles: Readonly<Record<(typeof summaryNames)[number], string>> = {
  mrr: 'MRR',
  recall_at_3: 'R@3',
  recall_at_5: 'R@5',
  recall_at_10: 'R@10',
  ndcg_at_5: 'nDCG@5',
  ndcg_at_10: 'nDCG@10',
  hit_at_1: 'Hit@1',
  hit_at_3: 'Hit@3',
  hit_at_5: 'Hit@5',
};

const three = (value: number) => value.toFixed(3);

/** A result for a person. */
export function formatResult(result: EvaluationResult, output: Output): string {
  const { dataset, queries, limit, mode, model, measures, fewPages, detectableEffect, intents, libraries } =
    result;
  const how = mode === 'hybrid' ? `vector (${model}) and full text` : 'full text';
  const lines = [
    `${dataset}: ${queries} queries, ${limit} chunks per search, ${how}`,
    '',
    formatTable(
      ['', 'queries', ...summaryNames.map((name) => titles[name])],
      [
        row('all', result),
        ...Object.entries(intents).map(([name, group]) => row(`intent ${name}`, group)),
        ...Object.entries(libraries).map(([name, group]) => row(`library ${name}`, group)),
      ],
      output.colors,
      output.columns,
    ),
    '',
    `MAP ${three(measures.map)}, nDCG ${three(measures.ndcg)}, with exponential gain ${three(measures.ndcg_exp)}.`,
    `Smallest difference in nDCG that ${queries} queries detect: ${three(detectableEffect)} (standard deviation 0.25, power 80 %).`,
  ];
  if (fewPages > 0) lines.push(`${fewPages} queries found fewer than ten pages.`);
  return [...lines, ...identityLines(result), ...gateLines(result)].join('\n');
}

function row(name: string, { queries, ir }: GroupSummary): string[] {
  return [name, String(queries), ...summaryNames.map((measure) => three(ir[measure]))];
}

function identityLines({ identity, queries }: EvaluationResult): string[] {
  if (identity === undefined) return [];
  const { store, differing } = identity;
  if (differing.length === 0)
    return ['', `Identical: all ${queries} rankings are those of ${store}, chunk for chunk.`];
  const shown = differing
    .slice(0, 10)
    .map(({ id, rank, a, b }) => `  ${id}, rank ${rank}: ${a ?? 'nothing'}; there ${b ?? 'nothing'}`);
  const more = differing.length > shown.length ? [`  and ${differing.length - shown.length} more`] : [];
  return [
    '',
    `Different: ${differing.length} of ${queries} rankings are not those of ${store}.`,
    ...shown,
    ...more,
  ];
}

function gateLines({ gate }: EvaluationResult): string[] {
  if (gate === undefined) return [];
  const {
    outcome,
    file,
    baseline,
    candidate,
    loss,
    lossBound,
    margin,
    pValue,
    better,
    worse,
    same,
    queriesNeeded,
  } = gate;
  const verdict = {
    pass: `Pass: the loss is below ${margin} nDCG@10 with 95 % confidence.`,
    fail: `Fail: nDCG@10 is significantly lower than that of the baseline.`,
    inconclusive: `Inconclusive: about ${queriesNeeded} more queries like these are needed to decide.`,
  }[outcome];
  return [
    '',
    `Compared with ${file}: nDCG@10 ${three(baseline)} before, ${three(candidate)} now; ${better} queries better, ${worse} worse, ${same} the same.`,
    `Mean loss ${signed(loss)}, 95 % bound ${signed(lossBound)}, randomization test p ${pValue < 0.0001 ? '< 0.0001' : `= ${pValue.toFixed(4)}`}.`,
    verdict,
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
