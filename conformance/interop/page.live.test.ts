/** The page at /ui/ in a real browser, under the policies that its answer carries: signing in, looking, writing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { startChromium } from '../fixtures/chromium.ts';
import { oursAsProgram } from '../targets/program.ts';
import type { Running } from '../targets/target.ts';
import { orSkipped } from './side.ts';

let browser: Browser | undefined;
let server: Running | undefined;

beforeAll(
  () =>
    orSkipped(async () => {
      browser = await startChromium();
      server = await oursAsProgram().start('dev');
    }),
  300_000,
);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('the page has its name, and shows and keeps a secret', async (context) => {
  // `orSkipped` has printed why.
  if (browser === undefined || server === undefined) return context.skip();
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A folder without secrets is not found.
    if (message.type() === 'error' && !message.text().includes('404 (Not Found)')) complaints.push(message.text());
  });
  await page.goto(`${server.addresses[0]!}/`);
  expect(new URL(page.url()).pathname).toBe('/ui/');
  expect(await page.title()).toBe('Steamer');
  await page.fill('#token', server.token);
  await page.click('text=Sign in');
  await page.fill('#path', 'secret/app');
  await page.fill('#data', '{"a": "1"}');
  await page.click('#save');
  await page.waitForSelector('text=saved');
  await page.fill('#path', 'secret/');
  await page.click('#open');
  await page.click('#keys >> text=app');
  await expect.poll(() => page.inputValue('#data'), { timeout: 30_000 }).toContain('"a"');
  expect(complaints).toEqual([]);
}, 120_000);
