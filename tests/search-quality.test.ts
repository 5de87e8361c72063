import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../evaluation/dist/corpus/read-corpus.js';
import { kinds, makeDatasets, openDataset, splits } from '../evaluation/dist/datasets.js';
import { readJudgments } from '../evaluation/dist/judging/judgments.js';
import { crossLinks } from '../evaluation/dist/links/cross-links.js';
import { extractLinks, withoutLines } from '../evaluation/dist/links/extract-links.js';

/** Holds the data sets of evaluation/ to what docs/concepts/search-quality.md says of them. */
const sources = await readSources();
const all = kinds.flatMap((kind) => splits.map((split) => openDataset(kind, split)));
const queriesOf = (kind: string) =>
  all.filter(({ name }) => name.startsWith(kind)).flatMap(({ queries }) => queries);

describe('the data sets', () => {
  it('are those that questions, judgments and documentation give', () => {
    for (const [name, text] of makeDatasets(sources)) {
      expect(readFileSync(join(import.meta.dirname, '../evaluation/data', name), 'utf8'), name).toBe(text);
    }
  });

  it('are large enough, of four libraries and four intents', () => {
    expect(queriesOf('questions').length).toBeGreaterThanOrEqual(150);
    const linked = queriesOf('links').reduce((sum, { judgments }) => sum + judgments.size, 0);
    expect(linked).toBeGreaterThanOrEqual(300);
    for (const kind of kinds) {
      expect(new Set(queriesOf(kind).map(({ library }) => library)).size, kind).toBe(4);
    }
    const intents = [...new Set(queriesOf('questions').map(({ intent }) => intent))].sort();
    expect(intents).toEqual(['api', 'comparison', 'concept', 'troubleshooting']);
  });

  it('name only pages that are installed', () => {
    const urls = new Set(sources.flatMap(({ files }) => files.map(({ url }) => url)));
    const missing = all.flatMap(({ queries }) => queries.flatMap(({ judgments }) => [...judgments.keys()]));
    expect(missing.filter((url) => !urls.has(url))).toEqual([]);
  });

  it('are split without overlap', () => {
    const ids = all.flatMap(({ queries }) => queries.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it('both passes agree as the documentation says', () => {
  const { judged, kappa, kappaOfRelevant } = readJudgments().agreement;
  const page = readFileSync(join(import.meta.dirname, '../docs/concepts/search-quality.md'), 'utf8');
  expect(page).toContain(`${judged.toLocaleString('en-US')} pages`);
  expect(page).toContain(kappa.toFixed(3));
  expect(page).toContain(kappaOfRelevant.toFixed(3));
});

describe('cross-links', () => {
  it('are found with their lines, not in code and not as images', () => {
    const text =
      'A [first\nlink](a.md).\n\n```\n[no](b.md)\n```\n\n![image](c.md)\n\n| [`cell`](d.md) |\n|---|\n| [x][ref] |\n\n[ref]: e.md\n';
    expect(extractLinks(text)).toEqual([
      { text: 'first link', target: 'a.md', line: 0, lastLine: 1 },
      { text: 'cell', target: 'd.md', line: 9, lastLine: 9 },
      { text: 'x', target: 'e.md', line: 11, lastLine: 11 },
    ]);
    expect(withoutLines('a\nb\nc', new Set([1]))).toBe('a\nc');
  });

  it('do not stand in the text that is indexed', () => {
    for (const source of sources) {
      const { source: indexed } = crossLinks(source);
      const again = crossLinks(indexed);
      expect(again.questions, source.library.name).toEqual([]);
    }
  });
});
