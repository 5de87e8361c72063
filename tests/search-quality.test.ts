import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../evaluation/dist/corpus/read-corpus.js';
import { kinds, makeDatasets, openDataset, splits } from '../evaluation/dist/datasets.js';
import { agreementOf } from '../evaluation/dist/judging/agreement.js';
import { readIndependentJudgments, readJudgments } from '../evaluation/dist/judging/judgments.js';
import { crossLinks } from '../evaluation/dist/links/cross-links.js';
import { extractLinks, withoutLines } from '../evaluation/dist/links/extract-links.js';
import { asJudgedIndependently } from '../evaluation/dist/second-opinion.js';

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

describe('the agreement of judges', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/concepts/search-quality.md'), 'utf8');

  it('is measured with and without the pages that both found irrelevant', () => {
    const agreement = agreementOf([
      [0, 0],
      [0, 0],
      [1, 2],
      [3, 3],
    ]);
    expect(agreement).toMatchObject({ judged: 4, relevant: 2, equal: 0.75 });
    expect(agreement.counts).toEqual([
      [2, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
    // By hand: the mean squared distance is 1/4 of 13/4 by chance, and without the first two 1/2 of 3/2.
    expect(agreement.kappa.all).toBeCloseTo(1 - 1 / 4 / (13 / 4), 12);
    expect(agreement.kappa.relevant).toBeCloseTo(1 - 1 / 2 / (3 / 2), 12);
    expect(agreement.linearKappa.relevant).toBeCloseTo(1 - 1 / 2 / 1, 12);
  });

  it('of both passes is as the documentation says', () => {
    const { judged, equal, kappa } = readJudgments().agreement;
    expect(page).toContain(
      `The passes gave the same grade to ${percent(equal)} of ${judged.toLocaleString('en-US')} pages; Cohen's kappa with ` +
        `quadratic weights is ${kappa.all.toFixed(3)}, and ${kappa.relevant.toFixed(3)} without`,
    );
  });

  it('of the data set and the second judge is as the documentation says', () => {
    const { judged, relevant, equal, kappa, linearKappa, counts } = readIndependentJudgments().agreement;
    for (const [grade, row] of counts.entries()) expect(page).toContain(`| ${grade} | ${row.join(' | ')} |`);
    for (const [name, { all, relevant }] of [
      ['quadratic', kappa],
      ['linear', linearKappa],
    ] as const) {
      expect(page).toContain(`| kappa, ${name} weights | ${all.toFixed(3)} | ${relevant.toFixed(3)} |`);
    }
    expect(page).toContain(`all ${judged.toLocaleString('en-US')} pages | ${relevant} pages`);
    expect(page).toContain(`equal for ${percent(equal)} of the pages`);
    const pairs = counts.flatMap((row, a) => row.map((pages, b) => ({ pages, distance: b - a })));
    const count = (matches: (distance: number) => boolean) =>
      pairs.reduce((sum, { pages, distance }) => sum + (matches(distance) ? pages : 0), 0);
    expect(page).toContain(
      `Only ${count((distance) => Math.abs(distance) > 1)} grades differ by more than one`,
    );
    expect(page).toContain(
      `${count((distance) => distance > 0)} of the ${count((distance) => distance !== 0)} that differ`,
    );
  });

  it('can be followed into the results: the grades of the second judge fit the data sets', () => {
    const [dataset] = all.filter(({ name }) => name === 'questions.test');
    if (dataset === undefined) throw new Error('The data set is missing.');
    const second = asJudgedIndependently(dataset);
    expect(second.queries.map(({ id }) => id)).toEqual(dataset.queries.map(({ id }) => id));
    const urls = new Set(sources.flatMap(({ files }) => files.map(({ url }) => url)));
    for (const { id, judgments } of second.queries) {
      expect(Math.max(...judgments.values()), id).toBeGreaterThanOrEqual(2);
      expect(
        [...judgments.keys()].filter((url) => !urls.has(url)),
        id,
      ).toEqual([]);
    }
  });

  function percent(share: number): string {
    return `${(share * 100).toFixed(1)} %`;
  }
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
