/** `bao login -method=oidc`, the real helper, with a browser at the other end. */
import { spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { baoProgram } from '../program.ts';

export interface Login {
  readonly exit: number;
  readonly told: string;
  /** What the server answered; undefined when the login failed. */
  readonly auth: Readonly<Record<string, unknown>> | undefined;
  /** The pages on the way that are not the provider's, as their titles and texts. */
  readonly pages: readonly string[];
}

interface Wish {
  readonly address: string;
  readonly words: readonly string[];
  /** What the user does, from the address that the helper printed; gives the pages to remember. */
  readonly user?: (page: Page, url: string) => Promise<readonly string[]>;
  /** The user gives up afterwards; the helper would ask for minutes. */
  readonly givesUp?: boolean;
}

/** Resolves when the helper has ended. */
export async function baoLogin(browser: Browser, { address, words, user, givesUp }: Wish): Promise<Login> {
  const child = spawn(await baoProgram(), ['login', '-method=oidc', '-no-store', '-format=json', ...words], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', BAO_ADDR: address },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let told = '';
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const url = new Promise<string | undefined>((resolve) => {
    const look = (): void => {
      const found = /\n {4}(https?:\S+)\n/.exec(told)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stderr.on('data', (piece: Buffer) => {
      told += piece.toString();
      look();
    });
    void ended.then(() => resolve(undefined));
  });
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  const timer = setTimeout(() => child.kill(), 60_000);
  try {
    const at = await url;
    const pages = at === undefined || user === undefined ? [] : await inBrowser(browser, (page) => user(page, at));
    if (givesUp === true) child.kill();
    const exit = await ended;
    return {
      exit,
      told,
      pages,
      auth: out.trim() === '' ? undefined : (JSON.parse(out) as { auth: Login['auth'] }).auth,
    };
  } finally {
    clearTimeout(timer);
    child.kill();
    await ended;
  }
}

async function inBrowser<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext();
  context.setDefaultTimeout(40_000);
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

export const shown = async (page: Page): Promise<string> =>
  `${await page.title()}: ${(await page.innerText('body')).replaceAll(/\s+/g, ' ').trim()}`;

/** Signs in at the provider and agrees to what the client wants to know. */
export async function signIn(page: Page, url: string, name: string): Promise<readonly string[]> {
  await page.goto(url);
  await enter(page, name);
  return [await returned(page, url)];
}

/** At the provider's form, as soon as it is there: who it is, and that the client may know it. */
export async function enter(page: Page, name: string): Promise<void> {
  await page.fill('input[name=login]', name);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  // Else the same button might be clicked again.
  await page.waitForSelector('input[name=login]', { state: 'detached' });
  await page.click('button[type=submit]');
}

/** What is shown once the provider is done; a form that it lets the browser post is a page of its own before. */
async function returned(page: Page, from: string): Promise<string> {
  const { origin } = new URL(from);
  // Who is called back may be gone before all that the page names is there.
  await page.waitForURL((at) => at.origin !== origin, { waitUntil: 'domcontentloaded' });
  return shown(page);
}

/** Does not want to. */
export async function cancel(page: Page, url: string): Promise<readonly string[]> {
  await page.goto(url);
  await page.click('text=[ Cancel ]');
  return [await returned(page, url)];
}

/** What a direct login asks before it goes on. */
export async function confirm(page: Page, before: readonly string[]): Promise<readonly string[]> {
  await page.click('a, button');
  return [...before, await shown(page)];
}
