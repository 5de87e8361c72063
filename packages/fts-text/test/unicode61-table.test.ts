import { join } from 'node:path';
import { tokenize } from '@switchyard/fts-text';
import { expect, it } from 'vitest';
import { fts5Tokens } from './support/fts5.js';

/** Planes with assigned characters. Of the others, FTS5 knows none but those for private use. */
const PLANES = [0, 1, 2, 14];
const BLOCK = 4096;
const LAST = 0x10ffff;

function planes(): number[] {
  const codes = PLANES.flatMap((plane) =>
    Array.from({ length: 0x10000 }, (_, code) => plane * 0x10000 + code),
  );
  // Samples of the rest, with the first and the last character of each plane.
  for (let plane = 3; plane < 14; plane++) codes.push(plane * 0x10000, plane * 0x10000 + 0xffff);
  for (const plane of [15, 16])
    codes.push(plane * 0x10000, plane * 0x10000 + 0xfffd, plane * 0x10000 + 0xffff);
  return codes.sort((a, b) => a - b);
}

/** Rules of the characters, as FTS5 applies them: see `readTable` in `unicode61.ts`. */
function measure(codes: readonly number[]): string[] {
  const texts: string[] = [];
  for (let at = 0; at < codes.length; at += BLOCK) {
    texts.push(
      codes
        .slice(at, at + BLOCK)
        .map((code) => `q${String.fromCodePoint(code)}q`)
        .join(' '),
    );
  }
  const tokens = fts5Tokens(texts, 'unicode61').flat();
  let at = 0;
  return codes.map((code) => {
    const token = tokens[at] as string;
    at += token === 'q' ? 2 : 1;
    if (token === 'q') return 'S';
    if (token === 'qq') return 'D';
    const difference = (token.codePointAt(1) as number) - code;
    return difference === 0 ? '' : `${difference < 0 ? '-' : '+'}${Math.abs(difference).toString(36)}`;
  });
}

function toRuns(codes: readonly number[], rules: readonly string[]): string[] {
  const runs: string[] = [];
  let start = 0;
  for (const [index, code] of codes.entries()) {
    if (index > 0 && rules[index] === rules[index - 1]) continue;
    runs.push(`${(code - start).toString(36)}${rules[index]}`);
    start = code;
  }
  return runs;
}

function toModule(runs: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const run of runs) {
    if (line.length + run.length > 100) {
      lines.push(line);
      line = run;
    } else {
      line = line === '' ? run : `${line} ${run}`;
    }
  }
  lines.push(line);
  return [
    '/**',
    " * Rules of FTS5's tokenizer `unicode61` for all characters, measured: see `unicode61-table.test.ts`, which compares them",
    ' * with the engine and, with `-u`, writes them.',
    ' */',
    'export const RUNS: readonly string[] = [',
    ...lines.map((each) => `  '${each}',`),
    '];',
    '',
  ].join('\n');
}

const codes = planes();

it('has the rules that FTS5 applies to every character', async () => {
  const runs = toRuns(codes, measure(codes));
  await expect(toModule(runs)).toMatchFileSnapshot(join(import.meta.dirname, '../src/unicode61-table.ts'));
});

it('applies them', () => {
  const characters = codes.filter((code, index) => index % 61 === 0 || code < 0x600 || code === LAST);
  const texts = characters.map((code) => `q${String.fromCodePoint(code)}q ${String.fromCodePoint(code)}a`);
  expect(texts.map(tokenize)).toEqual(fts5Tokens(texts));
});
