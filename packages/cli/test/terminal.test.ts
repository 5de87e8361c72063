import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fitHelp } from '../src/help/fit-help.js';
import { colorsFor } from '../src/output/colors.js';
import { openProgress } from '../src/output/progress.js';
import { formatSeconds, progressLine } from '../src/output/progress-line.js';
import { formatTable } from '../src/output/table.js';
import { shorten, widthOf, wrap } from '../src/output/width.js';

const widths = [40, 60, 80, 120];
const long = 'Indexing @organization/documentation-of-something-large@12.0.0-rc.1';

describe.each(widths)('in %i columns', (columns) => {
  it.each([
    ['Indexing a@1', 0, 41, null],
    ['Indexing a@1', 20, 41, 45],
    [long, 0, 123_456, null],
    [long, 60_000, 123_456, 7_300],
    ['Indexing 設備文書@1', 3, 3, null],
    ['Indexing a', 0, 0, null],
  ] as const)(
    'progress of %j at %i of %i fits one line and names the version',
    (label, done, total, secondsLeft) => {
      const line = progressLine({ label, done, total, unit: 'pages', secondsLeft, columns });
      expect(widthOf(line)).toBeLessThan(columns);
      expect(line).toContain(`${done}/${total} pages`);
      expect(line).not.toMatch(/NaN|Infinity|NF|NULL/);
      const version = /@[^@]*$/.exec(label)?.[0] ?? '';
      expect(line).toContain(version.slice(-4));
    },
  );

  it('a table and help fit', () => {
    const head = [
      'library',
      'version',
      'status',
      'progress',
      'pages',
      'chunks',
      'indexed',
      'source or error',
    ];
    const row = [
      'documentation',
      '12.0.0-rc.1',
      'completed',
      '41/41',
      '41',
      '1234',
      '2026-11-30',
      'https://docs.example.org/a/long/path/to/it',
    ];
    const table = formatTable(head, [row, row], colorsFor({}, {}), columns);
    for (const line of table.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(table.replaceAll(/\s/g, '')).toContain('rc.1');
    const help = [
      'Usage: switchyard index [options] <source>',
      '  --embedder <spec>              offline, openai:MODEL or none. Default: by the model of the store, offline for a new one',
      `    ?${'option'.repeat(5)}=a|b   A description that is longer than a narrow terminal is wide, and goes on.`,
      '  $ switchyard convert old.db --to new.db --report a/very/long/path/to/a/report/that/stays/whole.jsonl',
    ].join('\n');
    const fitted = fitHelp(help, columns).split('\n');
    for (const line of fitted) if (!line.includes('$ ')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(fitted.at(-1)).toContain('whole.jsonl');
    expect(fitted.join(' ').replaceAll(/\s+/g, ' ')).toContain('a narrow terminal is wide, and goes on.');
  });
});

it('a table that fits, or is piped, has one line per row', () => {
  const table = (columns: number | null) =>
    formatTable(['what', 'value'], [['a', 'x'.repeat(60)]], colorsFor({}, {}), columns);
  expect(table(null)).toBe(table(80));
  expect(table(null).split('\n')).toHaveLength(2);
});

it('nothing is printed for short work outside a terminal', () => {
  const stream = new PassThrough();
  const progress = openProgress({ stream, json: false, label: 'x', unit: 'pages' });
  for (let done = 0; done <= 100; done++) progress.update(done, 100);
  progress.stop();
  expect(stream.read()).toBeNull();
});

it('widths, truncation and durations are correct', () => {
  expect(widthOf('a設e\u0301')).toBe(4);
  expect(shorten('abcdefghij', 5)).toBe('ab…ij');
  expect(shorten('設備文書', 5)).toBe('設…書');
  expect(wrap('aa bb ccccc', 4)).toEqual(['aa', 'bb', 'cccc', 'c']);
  expect([0.2, 59, 61, 7_300].map(formatSeconds)).toEqual(['1s', '59s', '1m 1s', '2h 1m']);
});
