import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, readDataset } from '@switchyard/search-evaluation';
import { stringify } from 'yaml';
import type { LibrarySource } from './corpus/read-corpus.js';
import { dataFolder } from './folders.js';
import { readJudgments } from './judging/judgments.js';
import { readQuestions } from './judging/questions.js';
import { crossLinks } from './links/cross-links.js';

/** Kinds of data sets: questions as people ask, and the authors' own cross-links. */
export const kinds = ['questions', 'links'] as const;
/** Parts of a data set: settings are chosen on one and confirmed on the other. */
export const splits = ['tune', 'test'] as const;

export type Kind = (typeof kinds)[number];
export type Split = (typeof splits)[number];

/** An entry of a data set, in the form of the files. */
interface Entry {
  readonly id: string;
  readonly vars: {
    readonly library: string;
    readonly version: string;
    readonly query: string;
    readonly intent: string;
    readonly qrels: readonly { readonly url: string; readonly grade: number }[];
  };
}

/** Reads a data set that is part of the repository. */
export function openDataset(kind: Kind, split: Split): Dataset {
  const file = join(dataFolder, `${kind}.${split}.yaml`);
  return readDataset({ file, text: readFileSync(file, 'utf8') });
}

/** Makes the files of all data sets from questions, judgments and documentation; the same ones every time. */
export function makeDatasets(sources: readonly LibrarySource[]): ReadonlyMap<string, string> {
  const entries = { questions: questionEntries(sources), links: linkEntries(sources) };
  return new Map(
    kinds.flatMap((kind) =>
      splits.map((split) => {
        const part = splitInTwo(entries[kind])[split];
        return [
          `${kind}.${split}.yaml`,
          stringify({ name: `${kind}.${split}`, entries: part }, { lineWidth: 0 }),
        ];
      }),
    ),
  );
}

function questionEntries(sources: readonly LibrarySource[]): Entry[] {
  const { judgments } = readJudgments();
  return readQuestions().map(({ id, library, intent, text }) => {
    const { version } = sources.find((source) => source.library.name === library) as LibrarySource;
    const qrels = judgments
      .filter(({ question, grade }) => question === id && grade > 0)
      .map(({ page, grade }) => ({ url: `npm:${library}@${version}/${page}`, grade }));
    return { id, vars: { library, version, query: text, intent, qrels } };
  });
}

function linkEntries(sources: readonly LibrarySource[]): Entry[] {
  return sources.flatMap((source) =>
    crossLinks(source).questions.map(({ library, text, targets }, index) => ({
      id: `${library}-link-${index + 1}`,
      vars: {
        library,
        version: source.version,
        query: text,
        intent: 'link',
        qrels: targets.map((url) => ({ url, grade: 3 })),
      },
    })),
  );
}

/** Splits entries so that each library and intent has half of its entries in either part. */
function splitInTwo(entries: readonly Entry[]): Record<Split, Entry[]> {
  const hash = ({ id }: Entry) => createHash('sha256').update(id).digest('hex');
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.vars.library} ${entry.vars.intent}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const test = new Set(
    [...groups.values()].flatMap((group) =>
      group.sort((a, b) => (hash(a) < hash(b) ? -1 : 1)).filter((_, index) => index % 2 === 1),
    ),
  );
  return {
    tune: entries.filter((entry) => !test.has(entry)),
    test: entries.filter((entry) => test.has(entry)),
  };
}
