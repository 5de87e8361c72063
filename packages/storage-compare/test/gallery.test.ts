import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { checkThresholds, compareStores, renderReport } from '@switchyard/storage-compare';
import type { DocumentStore } from '@switchyard/storage-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, skipBrowser } from './support/browser.js';
import { copyOf, makeQueries, makeStore } from './support/documents.js';
import { plantedFaults } from './support/faults.js';

/**
 * Each planted fault must be seen at one look: verdict and reason stand in the first screen of the report. With
 * `SWITCHYARD_GALLERY`, what the tests see is written there as the pictures of the guide (`npm run report-gallery`).
 */
const gallery = env.SWITCHYARD_GALLERY;
const screen = { width: 1040, height: 660 };

describe.skipIf(skipBrowser)('at one look', () => {
  let browser: Browser;
  let folder: string;
  let store: DocumentStore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-gallery-'));
    browser = await launchBrowser();
    store = await makeStore();
    if (gallery !== undefined) mkdirSync(gallery, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const faults = [{ name: 'same', says: /the same in every query/, plant: copyOf }, ...plantedFaults];
  it.each(faults)('$name is seen', async ({ name, says, plant }) => {
    const stores = [
      { name: 'A', location: 'reference', store },
      { name: 'B', location: name === 'same' ? 'copy' : 'copy with the fault', store: await plant(store) },
    ];
    const comparison = await compareStores(stores, makeQueries(2), { repeat: 5, resamples: 200 });
    const file = join(folder, `${name}.html`);
    writeFileSync(file, renderReport(comparison, { checks: checkThresholds(comparison, {}) }));
    const page = await browser.newPage({ viewport: screen });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready]');
    const reason = page.locator('.findings li').filter({ hasText: says }).first();
    const box = await reason.boundingBox();
    expect(box, 'the reason is on the first screen').not.toBeNull();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(screen.height);
    expect(await page.locator('.verdict').getAttribute('class')).toBe(
      name === 'same' ? 'verdict same' : 'verdict difference',
    );
    if (gallery !== undefined) {
      await page.screenshot({ path: join(gallery, `${name}.png`), fullPage: false });
      if (name === 'lost-tokenizer-rule') {
        await page.evaluate("document.querySelector('#explorer').scrollIntoView()");
        await page.screenshot({ path: join(gallery, 'explorer.jpg'), type: 'jpeg', quality: 72 });
      }
    }
    await page.close();
  });
});
