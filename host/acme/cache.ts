/** Where certificates and accounts of ACME are kept: the folders and files of upstream's library, certmagic. */
import { access, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.ts';

const FALLBACK = '/var/lib/openbao/certmagic';
/** Milliseconds: how often a lock is refreshed, and after how long without it nobody holds it any more. */
const FRESH = 5_000;
const STALE = 2 * FRESH;

export interface Stored {
  /** Certificates, as they came. */
  readonly chain: string;
  readonly key: string;
}

export class AcmeCache {
  readonly #folder: string;
  readonly #issuer: string;

  constructor(folder: string, issuer: string) {
    this.#folder = folder;
    this.#issuer = safe(issuer);
  }

  async certificate(name: string): Promise<Stored | undefined> {
    const place = this.#certificate(name);
    const [chain, key] = await Promise.all([read(`${place}.crt`), read(`${place}.key`)]);
    return chain === undefined || key === undefined ? undefined : { chain, key };
  }

  async keepCertificate(name: string, { chain, key }: Stored, about: object): Promise<void> {
    const place = this.#certificate(name);
    await keep(`${place}.key`, key);
    await keep(`${place}.crt`, chain);
    await keep(`${place}.json`, JSON.stringify({ sans: [name], issuer_data: about }, null, '\t'));
  }

  /** The place of an account's description, which has to be there, and its content. */
  async account(email: string): Promise<{ readonly path: string; readonly json?: string; readonly key?: string }> {
    const place = this.#account(email);
    const [json, key] = await Promise.all([read(`${place}.json`), read(`${place}.key`)]);
    return {
      path: `${place}.json`,
      ...(json === undefined ? {} : { json }),
      ...(key === undefined ? {} : { key }),
    };
  }

  async keepAccount(email: string, key: string, about: object): Promise<void> {
    const place = this.#account(email);
    await keep(`${place}.key`, key);
    await keep(`${place}.json`, JSON.stringify(about, null, '\t'));
  }

  /** What proves a name, for others that share the folder and may be asked instead; undefined: no more. */
  async tellChallenge(name: string, challenge: object | undefined): Promise<void> {
    const path = this.#challenge(name);
    if (challenge === undefined) await rm(path, { force: true });
    else await keep(path, JSON.stringify(challenge));
  }

  async challenge(name: string): Promise<string | undefined> {
    return read(this.#challenge(name));
  }

  /** One node at a time asks for a name's certificate. */
  async locked<T>(name: string, run: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, 'locks', `issue_cert_${safe(name)}.lock`);
    const created = new Date().toISOString();
    const content = (): string => JSON.stringify({ created, updated: new Date().toISOString() });
    await makeFolder(dirname(path));
    while (!(await taken(path, content()))) await new Promise((resolve) => setTimeout(resolve, 1_000));
    const refreshing = setInterval(() => void writeFile(path, content()).catch(() => undefined), FRESH);
    try {
      return await run();
    } finally {
      clearInterval(refreshing);
      await rm(path, { force: true });
    }
  }

  #certificate = (name: string): string => join(this.#folder, 'certificates', this.#issuer, safe(name), safe(name));

  #challenge = (name: string): string =>
    join(this.#folder, 'acme', this.#issuer, 'challenge_tokens', `${safe(name)}.json`);

  #account(email: string): string {
    const who = email.toLowerCase() || 'default';
    return join(this.#folder, 'acme', this.#issuer, 'users', safe(who), safe(who.split('@')[0]!));
  }
}

/** As certmagic makes a part of a path of any text. */
const safe = (text: string): string =>
  text
    .toLowerCase()
    .trim()
    .replaceAll(' ', '_')
    .replaceAll('+', '_plus_')
    .replaceAll('*', 'wildcard_')
    .replaceAll(':', '-')
    .replaceAll('..', '')
    .replace(/[^\w@.-]/g, '');

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
async function keep(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}

async function taken(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o644);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch {
    const updated = /"updated":"([^"]*)"/.exec((await read(path)) ?? '')?.[1] ?? '';
    if (Date.now() - Date.parse(updated) > STALE) await rm(path, { force: true });
    return false;
  }
}

/** The folder that was asked for, or one that can be written. Rejects with Error where there is none. */
export async function cacheFolder(asked: string): Promise<string> {
  const path = asked || join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'certmagic');
  const failure = await failureOf(makeFolder(path));
  if (failure !== undefined && asked !== '') throw new Error(`failed to create ACME cache directory: ${failure}`);
  if (failure === undefined && (await isWritable(path))) return path;
  if ((await failureOf(makeFolder(FALLBACK))) === undefined) return FALLBACK;
  return mkdtemp(join(tmpdir(), 'openbao-certmagic-'));
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, 2);
    return true;
  } catch {
    return false;
  }
}

const failureOf = (making: Promise<void>): Promise<string | undefined> =>
  making.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
