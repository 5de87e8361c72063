import {
  DatasetError,
  readDataset,
  readQrels,
  readRun,
  readTopics,
  writeQrels,
  writeRun,
} from '@switchyard/search-evaluation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const documents = (text: string, query = '1') =>
  readRun(text, 'run.txt')
    .get(query)
    ?.map(({ document }) => document);

describe('a run', () => {
  it('is ordered by score, equal ones by descending name, whatever the ranks say', () => {
    expect(documents('1 Q0 a 1 0.5 x\n1 Q0 c 2 0.5 x\n1 Q0 b 3 0.9 x')).toEqual(['b', 'c', 'a']);
  });

  it('compares scores in single precision, and names as bytes', () => {
    expect(documents('1 Q0 a 1 0.10000000002 x\n1 Q0 b 2 0.10000000001 x')).toEqual(['b', 'a']);
    // U+10000 sorts behind U+FFFD as bytes, before it as UTF-16.
    expect(documents('1 Q0 \uFFFD 1 1 x\n1 Q0 \u{10000} 2 1 x')).toEqual(['\u{10000}', '\uFFFD']);
  });

  it('is written so that it is read in the same order', () => {
    const ranking = fc.array(
      fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom(0, -0, 0.5)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(ranking, (scores) => {
        const sorted = [...scores].sort((a, b) => b - a);
        const run = new Map([['1', sorted.map((score, index) => ({ document: `d${index}`, score }))]]);
        const text = writeRun(run, 'mine');
        const written = text
          .split('\n')
          .filter(Boolean)
          .map((line) => Math.fround(Number(line.split(' ')[4])));
        for (const [index, score] of written.entries()) {
          if (index > 0) expect(score).toBeLessThan(written[index - 1] as number);
        }
        expect(documents(text) ?? []).toEqual(sorted.map((_, index) => `d${index}`));
      }),
    );
  });

  it('has no white space in names', () => {
    const text = writeRun(new Map([['q', [{ document: 'a b\tc', score: 1 }]]]), 'my run');
    expect(text).toBe('q Q0 a%20b%09c 1 1 my%20run\n');
  });
});

it('judgments are written as they are read', () => {
  const text = '1 0 a 3\n1 0 b 0\n2 0 a 1\n';
  const queries = [...readQrels(text, 'qrels.txt')].map(([id, judgments]) => ({ id, judgments }));
  expect(writeQrels(queries)).toBe(text);
});

describe('topics', () => {
  const expected = [
    ['301', 'hide passwords'],
    ['302', 'rotate logs'],
  ];

  it('are read from lines of id and query', () => {
    expect([...readTopics('301\thide passwords\n\n302\trotate logs\n', 't.tsv')]).toEqual(expected);
  });

  it('are read from blocks', () => {
    const block = (id: number, title: string) =>
      `<top>\n<num> Number: ${id}\n<title> ${title}\n\n<desc> Description:\nMore words.\n</top>\n`;
    expect([...readTopics(block(301, 'hide\n passwords') + block(302, 'rotate logs'), 't')]).toEqual(
      expected,
    );
  });

  it('become a data set with judgments and a library; those without judgments are left out', () => {
    const topics = { file: 'topics.tsv', text: '301\thide passwords\n302\trotate logs\n' };
    const qrels = { file: 'qrels.txt', text: '302 0 help.md 1\n' };
    const { queries } = readDataset(topics, { qrels, library: 'pino', version: '10' });
    expect(queries).toEqual([
      {
        id: '302',
        library: 'pino',
        version: '10',
        text: 'rotate logs',
        intent: null,
        judgments: new Map([['help.md', 1]]),
      },
    ]);
    expect(() => readDataset(topics, { library: 'pino' })).toThrow(/topics\.tsv: TREC topics need judgments/);
  });
});

describe('bad files name the file and the line', () => {
  it.each([
    ['a judgment with too few fields', () => readQrels('1 0 a 1\n1 0 b', 'q.txt'), 'q.txt', 2],
    ['a grade that is no number', () => readQrels('1 0 a x', 'q.txt'), 'q.txt', 1],
    ['two judgments of a page', () => readQrels('1 0 a 1\n\n1 0 a 2', 'q.txt'), 'q.txt', 3],
    ['no judgments', () => readQrels('\n', 'q.txt'), 'q.txt', null],
    ['a run with too few fields', () => readRun('1 Q0 a 1 0.5', 'r.txt'), 'r.txt', 1],
    ['a score that is no number', () => readRun('1 Q0 a 1 high x', 'r.txt'), 'r.txt', 1],
    ['a page ranked twice', () => readRun('1 Q0 a 1 2 x\n1 Q0 a 2 1 x', 'r.txt'), 'r.txt', 2],
    ['a topic without a query', () => readTopics('1\tfine\n2', 't.tsv'), 't.tsv', 2],
    ['a topic twice', () => readTopics('1\ta\n1\tb', 't.tsv'), 't.tsv', 2],
    ['a block without a number', () => readTopics('\n<top>\n<title> a\n</top>', 't'), 't', 2],
  ])('%s', (_name, read, file, line) => {
    let error: unknown;
    try {
      read();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code: 'DATASET_INVALID', file, line });
    expect((error as Error).message).toContain(line === null ? `${file}: ` : `${file}:${line}: `);
  });
});
