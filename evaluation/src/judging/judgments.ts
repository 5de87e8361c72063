import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../folders.js';
import { type Agreement, agreementOf, GRADES } from './agreement.js';

/** Grades of a pass by question and page, the key being `question<TAB>page`. */
type Pass = ReadonlyMap<string, number>;

/** A page judged for a question. */
export interface Judgment {
  readonly question: string;
  /** Path in the package. */
  readonly page: string;
  readonly grade: number;
}

/** Grades with the agreement that says how far to trust them. */
export interface Judged {
  readonly judgments: readonly Judgment[];
  readonly agreement: Agreement;
}

/**
 * Combines both passes: grades that differ by one become the lower one; those that differ by more were looked at a third
 * time. The agreement is that of the passes.
 */
export function readJudgments(): Judged {
  const [first, second, third] = [readPass('pass-1'), readPass('pass-2'), readPass('third-look')];
  requireSamePages(first, second);
  const grades = new Map(
    [...first].map(([key, a]) => {
      const b = second.get(key) as number;
      const grade = Math.abs(a - b) > 1 ? third.get(key) : Math.min(a, b);
      if (grade === undefined) throw new Error(`Grades ${a} and ${b} need a third look: ${key}`);
      return [key, grade];
    }),
  );
  return { judgments: toJudgments(grades), agreement: agreementOf(pairUp(first, second)) };
}

/**
 * Reads the grades of the second judge, who did not see those of the passes. They are not part of the data set. The
 * agreement is that of the data set's grades with the second judge's.
 */
export function readIndependentJudgments(): Judged {
  const independent = readPass('independent');
  const result = new Map(
    readJudgments().judgments.map(({ question, page, grade }) => [`${question}\t${page}`, grade]),
  );
  requireSamePages(result, independent);
  return { judgments: toJudgments(independent), agreement: agreementOf(pairUp(result, independent)) };
}

function toJudgments(grades: Pass): Judgment[] {
  return [...grades].map(([key, grade]) => {
    const [question = '', page = ''] = key.split('\t');
    return { question, page, grade };
  });
}

function pairUp(first: Pass, second: Pass): [number, number][] {
  return [...first].map(([key, grade]) => [grade, second.get(key) as number]);
}

function requireSamePages(first: Pass, second: Pass): void {
  if (second.size !== first.size || ![...first.keys()].every((key) => second.has(key))) {
    throw new Error('All passes must judge the same pages.');
  }
}

function readPass(name: string): Pass {
  const lines = readFileSync(join(dataFolder, 'judgments', `${name}.tsv`), 'utf8')
    .split('\n')
    .filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [question = '', page = '', text = ''] = line.split('\t');
      const grade = GRADES.find((one) => String(one) === text);
      if (grade === undefined) throw new Error(`${name}.tsv has no grade from 0 to 3: ${line}`);
      return [`${question}\t${page}`, grade];
    }),
  );
}
