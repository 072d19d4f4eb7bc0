/** The password policies of a node, stored at `sys/password_policy/<name>`. */
import { asString } from '../../codec/json-fields.ts';
import { parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { coded, failure, Fault } from '../../fault.ts';
import type { Random } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { generatePassword } from './generate.ts';
import type { PasswordPolicy } from './policy.ts';
import { PasswordPolicyError, parsePasswordPolicy } from './policy.ts';

const folder = 'sys/password_policy/';
const shortest = 4;
const longest = 100;

/** The policy's text; 404 where there is none. */
export async function readPasswordPolicy(storage: Storage, name: string): Promise<string> {
  const stored = await storage.get(folder + name);
  if (stored === undefined) throw coded(404, 'policy does not exist');
  return asString(parseObject(stored)['policy']) ?? '';
}

/** Refuses what does not parse; whether any password can keep the rules shows when one is made. */
export async function writePasswordPolicy(storage: Storage, name: string, text: string): Promise<void> {
  const policy = parsed(text);
  if (policy.length < shortest || policy.length > longest) {
    throw coded(400, `passwords must be between ${shortest} and ${longest} characters`);
  }
  await storage.put(folder + name, encodeUtf8(`${print({ policy: text })}\n`));
}

export const deletePasswordPolicy = (storage: Storage, name: string): Promise<void> => storage.delete(folder + name);

/** Names of a folder before those in folders below it. */
export async function listPasswordPolicies(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  const folders = [''];
  for (const inner of folders) {
    for (const name of await storage.list(folder + inner)) (name.endsWith('/') ? folders : names).push(inner + name);
  }
  return names;
}

/** A password by a stored policy, for whoever asks at `sys/`. */
export const passwordBy = async (storage: Storage, random: Random, name: string): Promise<string> =>
  passwordOf(await readPasswordPolicy(storage, name), random);

/** The same for an engine; that there is no such policy is then a mistake in its configuration. */
export async function passwordForEngine(storage: Storage, random: Random, name: string): Promise<string> {
  const policy = await readPasswordPolicy(storage, name).catch((error: unknown) => {
    throw error instanceof Fault && error.status === 404 ? failure('no password policy found') : error;
  });
  return passwordOf(policy, random);
}

function passwordOf(policy: string, random: Random): string {
  const password = generatePassword(parsed(policy), random);
  if (password === undefined) throw coded(500, 'failed to generate password from policy: timed out generating string');
  return password;
}

function parsed(text: string): PasswordPolicy {
  try {
    return parsePasswordPolicy(text);
  } catch (error) {
    if (error instanceof PasswordPolicyError) throw coded(400, `invalid password policy: ${error.message}`);
    throw error;
  }
}
