import { tokenize } from '@switchyard/fts-text';
import { type SnippetOptions, snippet } from '@switchyard/storage-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const filler = (count: number) => 'filler '.repeat(count);

describe('a snippet', () => {
  it('marks words in any case, by their stems, and without diacritics', () => {
    expect(snippet('Routes are declared here; a ROUTE, too.', 'declare a route')).toBe(
      '**Routes** are **declared** here; **a** **ROUTE**, too.',
    );
    expect(snippet('Größe und café', 'grosse CAFE größe')).toBe('**Größe** und **café**');
  });

  it('marks a phrase only where it stands', () => {
    expect(snippet('route options, options of a route', '"route options"')).toBe(
      '**route options**, options of a route',
    );
    expect(snippet('a b c', '"a b" "b c"')).toBe('**a b c**');
  });

  it('is one line', () => {
    expect(snippet(' short\n\n\ttext ', '')).toBe('short text');
    expect(snippet('', 'zebra')).toBe('');
  });

  it('shows the part with most of the words, then most matches, then the first', () => {
    const content = `zebra ${filler(60)}zebra zebra ${filler(60)}okapi zebra ${filler(60)}okapi zebra`;
    expect(snippet(content, 'okapi zebra', { length: 60 })).toMatch(
      /^… (?:filler )+\*\*okapi\*\* \*\*zebra\*\*.* …$/,
    );
    expect(snippet(content, 'zebra', { length: 60 })).toMatch(/\*\*zebra\*\* \*\*zebra\*\*/);
    expect(snippet(content, 'quagga', { length: 30 })).toBe('zebra filler filler filler …');
  });

  it('takes marks, an ellipsis and an escape', () => {
    const options: SnippetOptions = {
      length: 24,
      marks: ['<mark>', '</mark>'],
      ellipsis: '...',
      escapeText: (text) => text.replaceAll('<', '&lt;'),
    };
    expect(snippet(`<b>zebra</b> ${filler(9)}`, 'zebra', options)).toBe(
      '&lt;b><mark>zebra</mark>&lt;/b> filler ...',
    );
  });

  it('never exceeds its length, splits no character, and only adds marks and ellipses', () => {
    const words = fc.constantFrom('zebra', 'okapi', 'x'.repeat(50), '🚂', '🚂🚂🚂', 'a', '"', '\n', 'é');
    const texts = fc.array(words, { maxLength: 60 }).map((list) => list.join(' '));
    const glued = fc.array(words, { maxLength: 60 }).map((list) => list.join(''));
    fc.assert(
      fc.property(fc.oneof(texts, glued), texts, fc.integer({ min: 1, max: 80 }), (content, text, length) => {
        const shown = snippet(content, text, { length, marks: ['⟦', '⟧'], ellipsis: '⁂' });
        const plain = shown.replace(/[⟦⟧]/g, '').replace(/^⁂ ?/, '').replace(/ ⁂$/, '');
        const line = content.replace(/\s+/g, ' ').trim();
        expect(plain.length).toBeLessThanOrEqual(length);
        expect(line).toContain(plain);
        expect(Buffer.from(plain).toString()).toBe(plain);
        if (line.length <= length) expect(plain).toBe(line);
      }),
      { seed: 2607, numRuns: 500 },
    );
  });

  it('of a long text with many matches takes linear time', () => {
    const content = 'zebra okapi '.repeat(50_000);
    expect(snippet(content, 'zebra okapi').length).toBeGreaterThan(200);
  });

  it('marks a word exactly when full-text search matches it', () => {
    const stems = [
      'rout',
      'declar',
      'relat',
      'happ',
      'hop',
      'agre',
      'plast',
      'conform',
      'radic',
      'fil',
      'controll',
      'y',
      'oscill',
      'adjust',
    ];
    const suffixes = [
      '',
      's',
      'es',
      'ies',
      'y',
      'ed',
      'eed',
      'ing',
      'ational',
      'tional',
      'enci',
      'izer',
      'alli',
      'ousli',
      'ization',
      'ation',
      'ator',
      'iveness',
      'fulness',
      'biliti',
      'icate',
      'ative',
      'alize',
      'ical',
      'ness',
      'ance',
      'ement',
      'ment',
      'ion',
      'sses',
      'able',
      'e',
      'l',
      'll',
      'zz',
      'logi',
      'aliti',
      'ism',
    ];
    const words = stems
      .flatMap((start) => suffixes.map((suffix) => start + suffix))
      .filter((word) => word !== 'yyed' && !word.startsWith('yy'));
    const word = fc.constantFrom(...words);
    fc.assert(
      fc.property(word, word, fc.boolean(), (a, b, isSame) => {
        const other = isSame ? `${a}s` : b;
        const isMatch = tokenize(a).join() === tokenize(other).join();
        expect([a, other, snippet(a, other)]).toEqual([a, other, isMatch ? `**${a}**` : a]);
      }),
      { seed: 2607, numRuns: 2_000 },
    );
    // Every pair with the same beginning.
    for (const start of stems) {
      const family = words.filter((one) => one.startsWith(start));
      for (const a of family) {
        for (const b of family) {
          const isMatch = tokenize(a).join() === tokenize(b).join();
          expect(`${b}: ${snippet(a, b)}`).toBe(`${b}: ${isMatch ? `**${a}**` : a}`);
        }
      }
    }
  });

  it.each([
    { length: 0 },
    { marks: ['**'] },
    { marks: '**' },
    { ellipsis: 3 },
    { escapeText: 'html' },
  ] as unknown as SnippetOptions[])('of a search with %j is a TypeError', async (options) => {
    const { DocumentStore } = await import('@switchyard/storage-core');
    const { MemoryBackend } = await import('../src/memory/index.js');
    const store = await DocumentStore.open({ backend: new MemoryBackend() });
    await expect(store.search('a', '1', 'zebra', { snippet: options })).rejects.toThrow(/snippet/);
  });
});
