import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type EvaluateOptions,
  evaluateRun,
  type MeasureName,
  type Measures,
  readQrels,
  readRun,
} from '@switchyard/search-evaluation';
import { describe, expect, it } from 'vitest';

/** Compares with what NIST's trec_eval prints for its own test data. */
const read = (name: string) =>
  gunzipSync(readFileSync(join(import.meta.dirname, 'trec-eval', `${name}.gz`))).toString('latin1');

/** Measures that both have. */
const shared: Readonly<Record<string, MeasureName>> = {
  map: 'map',
  recip_rank: 'mrr',
  ndcg: 'ndcg',
  ndcg_cut_5: 'ndcg_at_5',
  ndcg_cut_10: 'ndcg_at_10',
  recall_5: 'recall_at_5',
  recall_10: 'recall_at_10',
  success_1: 'hit_at_1',
  success_5: 'hit_at_5',
};

/** What trec_eval printed, as `measure query value` of the shared measures. */
function printed(name: string): string[] {
  return read(name)
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([measure = '']) => Object.hasOwn(shared, measure))
    .map(([measure, query, value]) => `${measure} ${query} ${value}`)
    .sort();
}

function computed(run: string, qrels: string, options: EvaluateOptions, perQuery: boolean): string[] {
  const { queries, mean } = evaluateRun(readRun(read(run), run), readQrels(read(qrels), qrels), options);
  const all: [string, Measures][] = [...(perQuery ? queries : []), ['all', mean]];
  return all
    .flatMap(([query, measures]) =>
      Object.entries(shared).map(([theirs, ours]) => `${theirs} ${query} ${measures[ours].toFixed(4)}`),
    )
    .sort();
}

describe('trec_eval', () => {
  it.each([
    ['averages', 'out.test.a', 'results.test', 'qrels.test', { average: 'retrieved' }, false],
    ['every query', 'out.test.aq', 'results.test', 'qrels.test', { average: 'retrieved' }, true],
    ['all judged queries, -c', 'out.test.aqc', 'results.trunc', 'qrels.test', { average: 'judged' }, true],
    [
      '-l2',
      'out.test.aql',
      'results.test',
      'qrels.rel_level',
      { relevanceLevel: 2, average: 'retrieved' },
      true,
    ],
  ] as const)('prints the same: %s', (_name, expected, run, qrels, options, perQuery) => {
    const lines = printed(expected);
    expect(lines.length).toBe(Object.keys(shared).length * (perQuery ? 4 : 1));
    expect(computed(run, qrels, options, perQuery)).toEqual(lines);
  });
});
