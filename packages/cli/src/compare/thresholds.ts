import type { Thresholds } from '@switchyard/storage-compare';
import { type Command, InvalidArgumentError } from 'commander';

/** Options that make `compare` a gate, with the threshold each sets. */
const options: readonly (readonly [flag: string, key: string, threshold: keyof Thresholds, text: string])[] =
  [
    ['--min-overlap <share>', 'minOverlap', 'minOverlap', 'lowest mean tie-aware overlap, 0 to 1'],
    ['--min-rbo <share>', 'minRbo', 'minRankBiasedOverlap', 'lowest mean rank-biased overlap, 0 to 1'],
    ['--min-recall <share>', 'minRecall', 'minRecall', 'lowest mean recall against exact distances, 0 to 1'],
    ['--min-worst-recall <share>', 'minWorstRecall', 'minWorstRecall', 'lowest recall of any query, 0 to 1'],
    ['--max-different <number>', 'maxDifferent', 'maxDifferent', 'most queries with a real difference'],
    [
      '--max-score-difference <number>',
      'maxScoreDifference',
      'maxScoreDifference',
      'largest score difference',
    ],
    [
      '--max-p50-ratio <ratio>',
      'maxP50Ratio',
      'maxP50Ratio',
      'highest median latency, as a multiple of that of A',
    ],
    ['--max-p95-ratio <ratio>', 'maxP95Ratio', 'maxP95Ratio', 'the same for the 95th percentile'],
    ['--max-errors <number>', 'maxErrors', 'maxErrors', 'most failed queries of any store'],
  ];

/** Adds the options to the command. */
export function addThresholdOptions(command: Command): Command {
  for (const [flag, , , text] of options) command.option(flag, text, parseThreshold);
  return command;
}

/** The thresholds that were given. */
export function thresholdsOf(given: Readonly<Record<string, unknown>>): Thresholds {
  return Object.fromEntries(
    options.flatMap(([, key, threshold]) => (given[key] === undefined ? [] : [[threshold, given[key]]])),
  );
}

function parseThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('It must be a number from 0.');
  }
  return value;
}
