import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weightedKappa } from '@switchyard/search-evaluation';
import { dataFolder } from '../folders.js';

/** Grades of a pass by question and page, the key being `question<TAB>page`. */
type Pass = ReadonlyMap<string, number>;

/** A page judged for a question. */
export interface Judgment {
  readonly question: string;
  /** Path in the package. */
  readonly page: string;
  /** Grade that counts. */
  readonly grade: number;
}

/** Agreement of both passes. */
export interface Agreement {
  /** Number of pages judged. */
  readonly judged: number;
  /** Share of equal grades. */
  readonly equal: number;
  /** Cohen's kappa with quadratic weights. */
  readonly kappa: number;
  /** The same, without the pages that both passes found not relevant. */
  readonly kappaOfRelevant: number;
}

/**
 * Combines both passes: grades that differ by one become the lower one; those that differ by more were looked at a third
 * time.
 */
export function readJudgments(): { readonly judgments: readonly Judgment[]; readonly agreement: Agreement } {
  const [first, second, third] = [readPass('pass-1'), readPass('pass-2'), readPass('third-look')];
  const keys = [...first.keys()];
  if (second.size !== keys.length || !keys.every((key) => second.has(key))) {
    throw new Error('Both passes must judge the same pages.');
  }
  const judgments = keys.map((key) => {
    const [question = '', page = ''] = key.split('\t');
    const [a, b] = [first.get(key) as number, second.get(key) as number];
    const grade = Math.abs(a - b) > 1 ? third.get(key) : Math.min(a, b);
    if (grade === undefined) throw new Error(`Grades ${a} and ${b} need a third look: ${key}`);
    return { question, page, grade };
  });
  const pairs = keys.map((key) => [first.get(key) as number, second.get(key) as number] as const);
  const relevant = pairs.filter(([a, b]) => a > 0 || b > 0);
  return {
    judgments,
    agreement: {
      judged: pairs.length,
      equal: pairs.filter(([a, b]) => a === b).length / pairs.length,
      kappa: weightedKappa(pairs),
      kappaOfRelevant: weightedKappa(relevant),
    },
  };
}

function readPass(name: string): Pass {
  const lines = readFileSync(join(dataFolder, 'judgments', `${name}.tsv`), 'utf8')
    .split('\n')
    .filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [question = '', page = '', grade = ''] = line.split('\t');
      return [`${question}\t${page}`, Number(grade)];
    }),
  );
}
