import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../folders.js';

/** A question as people ask, not yet judged. */
export interface Question {
  readonly id: string;
  readonly library: string;
  /** One of `api`, `concept`, `troubleshooting`, `comparison`. */
  readonly intent: string;
  readonly text: string;
}

/** Reads the questions: library, intent and text, separated by tabs. */
export function readQuestions(): Question[] {
  const lines = readFileSync(join(dataFolder, 'questions.tsv'), 'utf8').split('\n').filter(Boolean);
  const counts = new Map<string, number>();
  return lines.map((line) => {
    const [library = '', intent = '', text = ''] = line.split('\t');
    const number = (counts.get(library) ?? 0) + 1;
    counts.set(library, number);
    return { id: `${library}-${number}`, library, intent, text };
  });
}
