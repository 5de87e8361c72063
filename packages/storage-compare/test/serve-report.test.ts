import { request } from 'node:http';
import { askStores, compareStores, type ServedReport, serveReport } from '@switchyard/storage-compare';
import type { DocumentStore } from '@switchyard/storage-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, skipBrowser } from './support/browser.js';
import { copyOf, makeQueries, makeStore, vectorOf } from './support/documents.js';

let served: ServedReport;
let stores: Parameters<typeof compareStores>[0];

beforeAll(async () => {
  const store: DocumentStore = await makeStore();
  stores = [
    { name: 'A', location: 'file:a.db', store },
    { name: 'B', location: 'file:b.db', store: await copyOf(store) },
  ];
  const comparison = await compareStores(stores, makeQueries(2), { repeat: 1, resamples: 20 });
  served = await serveReport(comparison, {
    ask: ({ library, version, text }) =>
      askStores(stores, { library, version, text, limit: 5, vectors: [vectorOf(text), vectorOf(text)] }),
  });
});
afterAll(() => served.close());

/** Sends a request with any headers, which `fetch` would not. */
function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  const { port } = new URL(served.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const question = JSON.stringify({ library: 'guide', version: '1.0.0', text: 'register a plugin' });
const own = () => new URL(served.url).host;
const origin = () => `http://${own()}`;

describe('the server of a report', () => {
  it('listens on loopback only', () => {
    expect(new URL(served.url).hostname).toBe('127.0.0.1');
  });

  it('answers a question with the hits of all stores', async () => {
    const { status, body } = await send('POST', '/search', { host: own(), origin: origin() }, question);
    expect(status).toBe(200);
    const { answers, chunks } = JSON.parse(body) as {
      answers: { hits: unknown[]; ms: number }[];
      chunks: { url: string }[];
    };
    expect(answers.map(({ hits }) => hits.length)).toEqual([5, 5]);
    expect(answers.every(({ ms }) => ms > 0)).toBe(true);
    expect(chunks[0]?.url).toMatch(/^https:\/\/docs\.example\//);
  });

  it.each([
    ['another host, as after DNS rebinding', 'GET', '/', { host: 'evil.example' }, 421],
    ['the address of another port', 'GET', '/', { host: '127.0.0.1:1' }, 421],
    ['another origin', 'POST', '/search', { origin: 'https://evil.example' }, 403],
    ['an opaque origin', 'POST', '/search', { origin: 'null' }, 403],
    ['a question without an origin', 'POST', '/search', {}, 403],
    ['a question by GET', 'GET', '/search', {}, 405],
    ['another path', 'GET', '/etc/passwd', {}, 404],
  ])('refuses %s', async (_name, method, path, headers, status) => {
    expect(
      (await send(method, path, { host: own(), ...headers }, method === 'POST' ? question : '')).status,
    ).toBe(status);
  });

  it.each([
    ['no JSON', '{', 400],
    ['another shape', '{"library":1}', 400],
    ['null', 'null', 400],
    ['too long', `"${'x'.repeat(70_000)}"`, 413],
  ])('refuses a question that is %s', async (_name, body, status) => {
    expect((await send('POST', '/search', { host: own(), origin: origin() }, body)).status).toBe(status);
  });

  it('forbids frames and guessing of types', async () => {
    const { headers } = await send('GET', '/', { host: own() });
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe.skipIf(skipBrowser)('the live box in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('shows both answers and both latencies', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(served.url);
    await page.fill('#live-text', 'configure the cache');
    await page.press('#live-text', 'Enter');
    await page.waitForSelector('#live-result .hit');
    const headings = await page.locator('#live-result h4').allTextContents();
    expect(headings).toEqual([
      expect.stringMatching(/^A · [\d.]+ ms$/),
      expect.stringMatching(/^B · [\d.]+ ms$/),
    ]);
    expect(await page.locator('#live-result .lists path').count()).toBe(5);
    expect(problems).toEqual([]);
    await page.close();
  });
});
