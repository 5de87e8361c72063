import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, under, write } from '../support/build.js';
import { found, match } from '../support/find-fts.js';

export const ftsTextTests = contractGroup(
  'fts',
  [
    [
      'a-term-may-be-a-phrase',
      'a term of several words matches them as a phrase, and one with punctuation matches its parts',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('route of the handler'),
          chunk('route handler'),
          chunk('call app.listen now'),
          chunk('app does listen'),
        ]);
        assert.deepEqual(await found(backend, 'route handler'), ['route handler']);
        assert.deepEqual(await found(backend, 'app.listen'), ['call app.listen now']);
        assert.deepEqual(await found(backend, 'app-listen()'), ['call app.listen now']);
      },
    ],
    [
      'columns',
      'words are found in the content, page title, URL and headings',
      async (t) => {
        const backend = await t.open();
        await write(
          backend,
          fastify,
          { url: 'https://example.org/okapi/page?x=quagga', title: 'The Zebra' },
          [chunk('content of giraffe', { metadata: under(['Antelope', 'Grazing lands']) })],
        );
        await write(backend, fastify, '/other', [chunk('something else')]);
        for (const word of ['giraffe', 'zebra', 'okapi', 'quagga', 'antelope', 'grazing', 'example']) {
          assert.deepEqual(await found(backend, word), ['content of giraffe'], word);
        }
        assert.deepEqual(await found(backend, 'Antelope","Grazing'), ['content of giraffe']);
        assert.deepEqual(await found(backend, 'giraffe zebra'), [], 'no phrase reaches over two columns');
      },
    ],
    [
      'title-of-a-replaced-page',
      'after a page is replaced, its new title is found and its old one is not',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, { url: '/a', title: 'Zebra' }, [chunk('x')]);
        await write(backend, fastify, { url: '/a', title: 'Okapi' }, [chunk('x')]);
        assert.deepEqual(await found(backend, 'zebra'), []);
        assert.deepEqual(await found(backend, 'okapi'), ['x']);
        await write(backend, fastify, '/a', [chunk('x')]);
        assert.deepEqual(await found(backend, 'okapi'), []);
      },
    ],
    [
      'folding',
      'case and accents of Latin letters are ignored, in the text and in the term',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [chunk('Crème BRÛLÉE'), chunk('ЖУРНАЛ Ärger'), chunk('ΣΊΣΥΦΟΣ')]);
        for (const term of ['creme', 'CRÈME', 'crème', 'cre\u0300me', 'brulee', 'Brûlée']) {
          assert.deepEqual(await found(backend, term), ['Crème BRÛLÉE'], term);
        }
        for (const term of ['журнал', 'Журнал', 'arger', 'ÄRGER']) {
          assert.deepEqual(await found(backend, term), ['ЖУРНАЛ Ärger'], term);
        }
        assert.deepEqual(await found(backend, 'σίσυφος'), ['ΣΊΣΥΦΟΣ']);
      },
    ],
    [
      'stemming',
      'English words are found in other forms, by Porter stemming',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('configuring routes'),
          chunk('relational databases'),
          chunk('the hopping ponies'),
        ]);
        for (const [term, content] of [
          ['configure', 'configuring routes'],
          ['configuration', 'configuring routes'],
          ['route', 'configuring routes'],
          ['relate', 'relational databases'],
          ['database', 'relational databases'],
          ['hop', 'the hopping ponies'],
          ['poni', 'the hopping ponies'],
        ] as const) {
          assert.deepEqual(await found(backend, term), [content], term);
        }
        assert.deepEqual(await found(backend, 'routers'), []);
      },
    ],
    [
      'scripts',
      'words of any script and numbers are found; characters other than letters and digits separate words',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('文档 搜索'),
          chunk('שלום עולם'),
          chunk('v5.6.0 in 2024'),
          chunk('snake_case-and🚂train'),
          chunk('𝒜 𐐀'),
        ]);
        for (const [term, content] of [
          ['搜索', '文档 搜索'],
          ['עולם', 'שלום עולם'],
          ['2024', 'v5.6.0 in 2024'],
          ['5.6.0', ''],
          ['v5.6.0', 'v5.6.0 in 2024'],
          ['case', 'snake_case-and🚂train'],
          ['train', 'snake_case-and🚂train'],
          ['snake case and train', 'snake_case-and🚂train'],
        ] as const) {
          assert.deepEqual(await found(backend, term), content === '' ? [] : [content], term);
        }
      },
    ],
    [
      'operators-are-words',
      'words and characters that look like query operators are plain words',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('zebra and okapi'),
          chunk('zebra not okapi'),
          chunk('zebra near okapi'),
          chunk('zebra'),
          chunk('content only'),
        ]);
        assert.deepEqual(await found(backend, 'NOT'), ['zebra not okapi']);
        assert.deepEqual(await found(backend, 'AND'), ['zebra and okapi']);
        assert.deepEqual(await found(backend, 'NEAR'), ['zebra near okapi']);
        assert.deepEqual(await found(backend, 'zebra NOT okapi'), ['zebra not okapi']);
        assert.deepEqual(await found(backend, 'content:only'), ['content only']);
        assert.deepEqual(await found(backend, 'onl*'), [], 'no prefix search');
        assert.equal((await found(backend, 'zebra', 'NOT', 'okapi')).length, 4);
        assert.equal((await found(backend, '^zebra')).length, 4);
        assert.equal((await found(backend, '-zebra')).length, 4);
        assert.equal((await found(backend, '{content}:zebra')).length, 0);
      },
    ],
    [
      'empty-terms',
      'an empty list of terms, and terms without a letter or digit, match nothing and do not affect other terms',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [chunk('zebra')]);
        for (const terms of [[], [''], [' '], ['!!!'], ['"'], ['""', '*', '()'], ['\u0301']]) {
          assert.deepEqual(await match(backend, terms), [], JSON.stringify(terms));
        }
        assert.deepEqual(await found(backend, '!!!', 'zebra', ''), ['zebra']);
      },
    ],
  ],
  { capability: 'fts' },
);
