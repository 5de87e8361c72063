import { existsSync } from 'node:fs';
import { env } from 'node:process';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Fedora, macOS and Windows have a Chromium or Chrome; `CHROMIUM` names another one. */
const places = [
  env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const found = places.find((path) => path !== '' && existsSync(path));

/** Tests in a browser are skipped without one, except on CI, where it must be there. */
export const skipBrowser = found === undefined && env.CI !== 'true';

/** Starts a real browser. */
export function launchBrowser(): Promise<Browser> {
  if (found === undefined) {
    throw new Error('No Chromium: apt-get install chromium, or name one in the variable CHROMIUM.');
  }
  // As root, which CI is, Chromium refuses to run in its sandbox.
  return chromium.launch({ executablePath: found, args: ['--no-sandbox'] });
}
