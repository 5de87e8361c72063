import { DatasetError, readDataset } from '@switchyard/search-evaluation';
import { describe, expect, it } from 'vitest';

const yaml = (text: string) => readDataset({ file: 'questions.yaml', text });
const jsonl = (text: string) => readDataset({ file: 'questions.jsonl', text });

const wrapped = `
entries:
  - vars:
      library: fastify
      version: 5.10
      query: "how do I add a hook?"
      intent: api
      qrels:
        - url: https://fastify.dev/docs/Reference/Hooks.md#onrequest
          grade: 3
        - { url: https://fastify.dev/docs/Reference/Lifecycle.md, grade: 1 }
  - vars: &pino
      library: pino
      query: hide passwords
      qrels: [{ url: docs/redaction.md, grade: 2 }]
  - vars: *pino
    id: again
`;

describe('YAML', () => {
  it('is read with its entries wrapped', () => {
    const dataset = yaml(wrapped);
    expect(dataset.name).toBe('questions');
    expect(dataset.queries[0]).toEqual({
      id: 'q1',
      library: 'fastify',
      // Not the number 5.1.
      version: '5.10',
      text: 'how do I add a hook?',
      intent: 'api',
      judgments: new Map([
        ['https://fastify.dev/docs/Reference/Hooks.md', 3],
        ['https://fastify.dev/docs/Reference/Lifecycle.md', 1],
      ]),
    });
    expect(
      dataset.queries.slice(1).map(({ id, version, intent, text }) => ({ id, version, intent, text })),
    ).toEqual([
      { id: 'q2', version: null, intent: null, text: 'hide passwords' },
      { id: 'again', version: null, intent: null, text: 'hide passwords' },
    ]);
  });

  it('may be a plain list of plain entries', () => {
    const { queries } = yaml('- { library: pino, query: 42, qrels: [{ url: a, grade: 1 }] }');
    expect(queries.map(({ text }) => text)).toEqual(['42']);
  });

  const entry = (fields: string) => `entries:\n  - vars:\n${fields.replaceAll(/^/gm, '      ')}`;
  const good = 'library: pino\nquery: hide passwords\n';

  it.each([
    ['no YAML', 'entries: [\n', 2],
    ['no list', 'library: pino', 1],
    ['no entries', 'entries: []', null],
    ['an entry that is a text', 'entries:\n  - hello', 2],
    ['no library', entry('query: x\nqrels: [{ url: a, grade: 1 }]'), 2],
    ['no query', entry('library: x\nqrels: [{ url: a, grade: 1 }]'), 2],
    ['a query that is a list', entry('library: x\nquery: [a]\nqrels: []'), 4],
    ['no judgments', entry(good), 2],
    ['judgments that are a text', entry(`${good}qrels: x`), 5],
    ['an empty list of judgments', entry(`${good}qrels: []`), 2],
    ['a judgment without a URL', entry(`${good}qrels:\n  - grade: 1`), 6],
    ['a judgment without a grade', entry(`${good}qrels:\n  - url: a`), 6],
    ['a grade above 3', entry(`${good}qrels:\n  - url: a\n    grade: 4`), 7],
    ['a grade that is a text', entry(`${good}qrels:\n  - url: a\n    grade: high`), 7],
    ['a grade between two', entry(`${good}qrels:\n  - url: a\n    grade: 1.5`), 7],
    [
      'two grades of one page',
      entry(`${good}qrels:\n  - { url: a, grade: 1 }\n  - { url: 'a#b', grade: 2 }`),
      7,
    ],
    ['a key twice', entry(`${good}query: again\nqrels: [{ url: a, grade: 1 }]`), 5],
    ['an id with a space', entry(`id: a b\n${good}qrels: [{ url: a, grade: 1 }]`), 3],
    ['an id twice', '- { id: a, library: p, query: q, qrels: [{ url: a, grade: 1 }] }\n'.repeat(2), 2],
  ])('is refused with %s', (_name, text, line) => {
    let error: unknown;
    try {
      yaml(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ file: 'questions.yaml', line });
    expect((error as Error).message).toMatch(/^questions\.yaml(:\d+)?: .*\.$/);
  });
});

describe('JSON Lines', () => {
  const line = '{"library":"pino","query":"hide passwords","qrels":[{"url":"a","grade":3}]}';

  it('are read, wrapped or not; empty lines are skipped', () => {
    const { queries } = jsonl(`\ufeff${line}\n\n{"vars":${line},"id":"x"}\n`);
    expect(queries.map(({ id, judgments }) => [id, [...judgments]])).toEqual([
      ['q1', [['a', 3]]],
      ['x', [['a', 3]]],
    ]);
  });

  it.each([
    ['no JSON', `${line}\n{`, 2],
    ['no object', '[]', 1],
    ['no library', '{"query":"x","qrels":[]}', 1],
    ['judgments that are no list', '{"library":"p","query":"x","qrels":{}}', 1],
    ['nothing', '', null],
  ])('are refused with %s', (_name, text, at) => {
    expect(() => jsonl(text)).toThrow(DatasetError);
    expect(() => jsonl(text)).toThrow(at === null ? 'questions.jsonl: ' : `questions.jsonl:${at}: `);
  });
});
