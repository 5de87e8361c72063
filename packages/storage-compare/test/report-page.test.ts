import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Comparison, checkThresholds, compareStores, renderReport } from '@switchyard/storage-compare';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, skipBrowser } from './support/browser.js';
import { copyOf, makeQueries, makeStore } from './support/documents.js';
import { plantedFaults } from './support/faults.js';

if (skipBrowser) console.warn('No Chromium is installed: the tests of the report page are skipped.');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const quick = { repeat: 1, warmUp: 0, resamples: 50 };

/** Marks up what it stands in, if anything takes it for markup. */
const HOSTILE = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><svg onload="document.title='owned'"><a href="javascript:document.title='owned'">x</a>`;

let folder: string;
let browser: Browser;
const sources = new Map<string, string>();

async function comparisonWith(fault: string | null, hostile = false): Promise<Comparison> {
  const store = await makeStore();
  if (hostile) {
    await store.addPage('guide', '1.0.0', {
      url: `javascript:document.title='owned'//${HOSTILE}`,
      title: HOSTILE,
      chunks: [{ content: `router ${HOSTILE}`, metadata: { types: ['text'], level: 1, path: [HOSTILE] } }],
    });
  }
  const planted = plantedFaults.find(({ name }) => name === fault);
  const other = planted === undefined ? await copyOf(store) : await planted.plant(store);
  const queries = makeQueries(2);
  const first = queries[0] as (typeof queries)[number];
  if (hostile) queries.unshift({ ...first, text: `router ${HOSTILE}`, intent: HOSTILE });
  const stores = [
    { name: 'A', location: hostile ? `file:${HOSTILE}` : 'file:a.db', store },
    { name: 'B', location: 'file:b.db', store: other },
  ];
  return compareStores(stores, queries, quick);
}

function write(name: string, comparison: Comparison): void {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, renderReport(comparison, { checks: checkThresholds(comparison, { minOverlap: 1 }) }));
  sources.set(name, pathToFileURL(file).href);
}

async function openPage(name: string, hash = '', options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${sources.get(name)}${hash}`);
  await page.waitForSelector('html[data-ready]');
  return { page, problems, requests, close: () => context.close() };
}

async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]))`);
}

describe.skipIf(skipBrowser)('the report page in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-report-'));
    browser = await launchBrowser();
    write('same', await comparisonWith(null));
    write('faulty', await comparisonWith('lost-tokenizer-rule'));
    write('stale', await comparisonWith('stale-row'));
    write('hostile', await comparisonWith('missing-chunks', true));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says in its first words that all is the same', async () => {
    const { page, problems, close } = await openPage('same');
    expect(await page.textContent('.sentence')).toMatch(/B gives the same answers as A and/);
    expect(await page.locator('.verdict.same').count()).toBe(1);
    expect(await page.locator('.query-list li:not(.hidden)').count()).toBe(20);
    expect(problems).toEqual([]);
    await close();
  });

  it('loads nothing but itself', async () => {
    const { requests, close } = await openPage('same');
    expect(requests).toEqual([sources.get('same')]);
    await close();
  });

  it('says how many answers differ and why, and shows those first', async () => {
    const { page, close } = await openPage('faulty');
    expect(await page.textContent('.sentence')).toMatch(/B gives other answers than A to \d+ of 20 queries/);
    expect(await page.textContent('.findings')).toMatch(/full text matches other chunks/);
    const all = await page.locator('.query-list li').count();
    const shown = await page.locator('.query-list li:not(.hidden)').count();
    expect(await page.isChecked('#only')).toBe(true);
    expect([shown > 0, shown < all || all === 20]).toEqual([true, true]);
    await page.uncheck('#only');
    expect(await page.locator('.query-list li:not(.hidden)').count()).toBe(20);
    await page.fill('#find', 'socket');
    expect(await page.locator('.query-list li:not(.hidden)').count()).toBe(2);
    expect(await page.textContent('.count')).toBe('2 of 20 queries');
    await close();
  });

  it('joins the same hit in both lists, and marks hits that moved or are missing', async () => {
    const { page, close } = await openPage('faulty');
    const [left, right] = await Promise.all(
      [0, 1].map((column) =>
        page
          .locator('.lists > div')
          .nth(column)
          .locator('.hit')
          .evaluateAll((hits) => hits.map((hit) => hit.getAttribute('data-key'))),
      ),
    );
    const common = (left ?? []).filter((key) => right?.includes(key));
    expect(await page.locator('.lists svg path').count()).toBe(common.length);
    expect(await page.locator('.hit.moved, .hit.only, .hit.ranks').count()).toBeGreaterThan(0);
    expect(await page.locator('.badge').count()).toBeGreaterThan(0);
    expect(await page.textContent('.hit .numbers')).toMatch(/score \d.* vector #\d+ · full text #\d+/);
    expect(await page.locator('.hit mark').count()).toBeGreaterThan(0);
    await close();
  });

  it('marks a hit whose text differs', async () => {
    const { page, close } = await openPage('stale');
    const marks = page.locator('.hit.text .badge').filter({ hasText: 'other text than in B' });
    const links = page.locator('.query-list li:not(.hidden) a');
    const found: number[] = [];
    for (let index = 0; index < (await links.count()); index++) {
      await links.nth(index).click();
      found.push(await marks.count());
    }
    expect(Math.max(...found)).toBe(1);
    await close();
  });

  it('links to any query, and follows the link', async () => {
    const { page, close } = await openPage('same', '#q7');
    expect(await page.getAttribute('.query-list a[aria-current]', 'href')).toBe('#q7');
    expect(await page.textContent('.query-title')).toBe(makeQueries(1)[6]?.text);
    await page.evaluate("location.hash = 'q3'");
    await page.waitForSelector('.query-list a[aria-current][href="#q3"]');
    await close();
  });

  it('is used by keyboard alone', async () => {
    const { page, close } = await openPage('same');
    await page.keyboard.press('Tab');
    expect(await page.textContent(':focus')).toBe('Skip to the queries');
    await page.keyboard.press('Enter');
    await page.focus('#find');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const focused = await page.getAttribute(':focus', 'href');
    await page.waitForSelector(`.query-list a[aria-current][href="${focused}"]`);
    await close();
  });

  it.each(['same', 'faulty', 'hostile'])(
    'has nothing for axe to complain of: %s, in light and dark',
    async (name) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, close } = await openPage(name, '', { colorScheme });
        expect(await violations(page), colorScheme).toEqual([]);
        await close();
      }
    },
  );

  it('fits a phone: nothing but tables scrolls sideways', async () => {
    const { page, close } = await openPage('faulty', '', { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
    await close();
  });

  it('prints verdict, charts and answers without controls', async () => {
    const { page, close } = await openPage('faulty');
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('.controls')).toBe(false);
    expect(await page.isVisible('.query-list')).toBe(false);
    expect(await page.isVisible('.verdict')).toBe(true);
    expect(await page.isVisible('.hit')).toBe(true);
    // Narrow A4 between wide margins.
    await page.setViewportSize({ width: 640, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(640);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    await close();
  });

  it('runs nothing of a hostile document, wherever its text is shown', async () => {
    const { page, problems, requests, close } = await openPage('hostile');
    await page.uncheck('#only');
    await page.click('.query-list a[href="#q1"]');
    await page.waitForSelector('.answers:has-text("onerror")');
    expect(await page.title()).toBe('A and B compared');
    expect(await page.locator('img, svg[onload], a[href^="javascript:"]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(requests.filter((url) => url.startsWith('http'))).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('has a policy that stops markup even if some got in', async () => {
    const { page, problems, close } = await openPage('same');
    const loaded = await page.evaluate(`(async () => {
      const box = document.createElement('div');
      box.innerHTML = '<img src="http://127.0.0.1:9/x.png" onerror="document.title=1">';
      document.body.append(box);
      const script = document.createElement('script');
      script.textContent = 'document.title = 2';
      document.body.append(script);
      const reached = await fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'refused');
      return [document.title, reached];
    })()`);
    expect(loaded).toEqual(['A and B compared', 'refused']);
    expect(problems.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(
      3,
    );
    await close();
  });
});

describe('the size of the page', () => {
  it('stays below 2 MB for 500 queries with long, different hits', async () => {
    const base = await comparisonWith(null);
    const words = Array.from({ length: 4_000 }, (_, index) => (index * 2_654_435_761).toString(36).slice(-7));
    const text = (seed: number, length: number) =>
      Array.from({ length }, (_, index) => words[(seed * 7_919 + index * 104_729) % words.length]).join(' ');
    const chunks = Array.from({ length: 6_000 }, (_, index) => ({
      url: `https://docs.example/some/long/path/${text(index, 3).replaceAll(' ', '/')}`,
      title: text(index, 4),
      path: [text(index, 3), text(index + 1, 3)],
      content: text(index, 120),
    }));
    const one = base.queries[0] as Comparison['queries'][number];
    const queries = Array.from({ length: 500 }, (_, index) => ({
      ...one,
      text: text(index, 6),
      answers: one.answers.map((answer) => ({
        ...answer,
        hits: Array.from({ length: 10 }, (__, rank) => {
          const chunk = (index * 12 + rank) % chunks.length;
          return {
            key: `k${chunk}`,
            id: String(chunk),
            chunk,
            score: 1 / (60 + rank),
            vecRank: rank + 1,
            ftsRank: rank + 1,
          };
        }),
      })),
    }));
    const page = renderReport({ ...base, queries, chunks });
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
  });

  it('grows little with texts that many queries find: each is there once', async () => {
    const base = await comparisonWith(null);
    const twice = { ...base, queries: [...base.queries, ...base.queries] };
    const [single, double] = [renderReport(base).length, renderReport(twice).length];
    expect(double - single).toBeLessThan(single / 3);
  });
});
