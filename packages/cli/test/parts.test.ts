import { PassThrough } from 'node:stream';
import type { SearchHit } from '@switchyard/storage-core';
import { Secret, StorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { formatLibrary, parseLibraryArgument } from '../src/arguments/library-ref.js';
import { decodeVector } from '../src/arguments/vector.js';
import { type Colors, colorsFor } from '../src/output/colors.js';
import { describeError, exitCodeOf } from '../src/output/describe-error.js';
import { formatHits } from '../src/output/hits.js';
import { formatBytes, printable } from '../src/output/plain-text.js';
import { openProgress } from '../src/output/progress.js';
import { Redactor } from '../src/output/redact.js';
import { formatTable } from '../src/output/table.js';
import { readLines } from '../src/queries/read-lines.js';

describe('the name of a library', () => {
  it.each([
    ['pino', 'pino', undefined],
    ['pino@10.4.0', 'pino', '10.4.0'],
    ['pino@', 'pino', ''],
    ['@scope/name', '@scope/name', undefined],
    ['@scope/name@1.0.0-rc.1', '@scope/name', '1.0.0-rc.1'],
    ['a library with spaces@v 2', 'a library with spaces', 'v 2'],
  ])('%j is %j in version %j', (text, library, version) => {
    expect(parseLibraryArgument(text)).toEqual({ library, version });
    if (version !== undefined && version !== '') expect(formatLibrary(library, version)).toBe(text);
  });

  it.each(['', ' ', '@'])('%j is none', (text) => {
    expect(() => parseLibraryArgument(text)).toThrow(/Expected a library/);
  });
});

describe('a vector in base64', () => {
  it('is little-endian float32', () => {
    expect(decodeVector('AACAPwAAAMA=')).toEqual(new Float32Array([1, -2]));
  });

  it.each(['', 'AACAPw', 'AAAA', '====', 'AACAPw==\n'])('%j is none', (text) => {
    expect(() => decodeVector(text)).toThrow(TypeError);
  });
});

describe('lines of a stream', () => {
  async function linesOf(...pieces: (Buffer | string)[]): Promise<string[]> {
    async function* stream() {
      yield* pieces;
    }
    const lines: string[] = [];
    for await (const line of readLines(stream(), new AbortController().signal)) lines.push(line);
    return lines;
  }

  it('are complete however the stream is split', async () => {
    const text = '{"a":"ü"}\n\n{"b":"文書 🚂"}\r\nlast';
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      expect(await linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(text.split('\n'));
    }
    expect(await linesOf(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual(text.split('\n'));
  });

  it('need no terminator at the end of the file', async () => {
    expect(await linesOf('a\nb\n')).toEqual(['a', 'b']);
    expect(await linesOf('')).toEqual([]);
  });

  it('are rejected if one is too long', async () => {
    await expect(linesOf('x'.repeat(5_000_000))).rejects.toMatchObject({ code: 'CLI_FILE' });
  });
});

describe('what is printed', () => {
  it('cannot control a terminal', () => {
    expect(printable('a\u001b[31mred\u0007\u009b2J\tb\nc')).toBe('a[31mred2J\tb\nc');
  });

  it('shows the text around a word, in bold if there are colors, without control characters', () => {
    const content = `${'filler '.repeat(100)}the Need\u001b[2Jle Needles ${'filler '.repeat(100)}`;
    const hit = { ...({} as SearchHit), url: '/a', title: null, content, score: 1, ftsRank: 1, id: '7' };
    const shown = (colors: Colors) =>
      formatHits([{ ...hit, metadata: { types: [], level: 0, path: [] } }], 'a needle', colors);
    expect(shown(colorsFor({}, {}))).toMatch(/ {3}… (?:filler )+the Need\[2Jle Needles filler .* …$/);
    expect(shown(colorsFor({}, { FORCE_COLOR: '1' }))).toContain('\u001b[1mNeedles\u001b[22m filler');
  });

  it('has human-readable sizes', () => {
    expect([0, 1023, 1024, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '5.0 GiB',
    ]);
  });

  it('is aligned in columns, one line per row', () => {
    const table = formatTable(
      ['name', 'value'],
      [
        ['a', 'first\nsecond'],
        ['longer', 'y'.repeat(200)],
      ],
      colorsFor({}, {}),
    );
    const lines = table.split('\n');
    expect(lines.slice(0, 2)).toEqual(['name    value', 'a       first second']);
    expect(lines[2]).toMatch(/^longer {2}y{79}…$/);
    expect(lines).toHaveLength(3);
  });

  it('contains no secret', () => {
    const redactor = new Redactor();
    redactor.protect([new Secret('hush')]);
    expect(
      redactor.redact('hush: authToken=abc&x=1, api-key=k1 Bearer aaa.bbb== pg://me:pw@host/db end'),
    ).toBe(
      '[redacted]: authToken=[redacted]&x=1, api-key=[redacted] Bearer [redacted] pg://[redacted]@host/db end',
    );
    expect(redactor.redact('give it as ?authToken= or in a variable')).toBe(
      'give it as ?authToken= or in a variable',
    );
  });

  it('is a bar on a terminal', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 20 });
    const progress = openProgress({ stream, json: false, label: 'Indexing x', unit: 'pages' });
    progress.update(1, 4);
    progress.update(4, 4);
    progress.stop();
    progress.stop();
    expect(String(stream.read())).toMatch(/Indexing x \[.*\] 1\/4 pages/);
  });
});

describe('an error', () => {
  it('of several stores lists every error', () => {
    const busy = new StorageError('STORAGE_BUSY', 'one');
    const error = new AggregateError([busy, new Error('two')], 'Closing failed');
    expect(describeError(error)).toMatchObject({
      code: 'STORAGE_BUSY',
      message: 'Closing failed',
      errors: [
        { code: 'STORAGE_BUSY', message: 'one' },
        { code: 'CLI_UNEXPECTED', message: 'two' },
      ],
    });
    expect(exitCodeOf(error)).toBe(1);
  });

  it('that is unexpected says how to report it', () => {
    expect(describeError('text')).toMatchObject({ code: 'CLI_UNEXPECTED', message: 'text' });
    expect(describeError(new TypeError('x')).action).toContain('SWITCHYARD_DEBUG');
  });
});
