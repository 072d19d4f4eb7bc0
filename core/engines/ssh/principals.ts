/** Whom a certificate is for: users or hosts, as far as a role lets them. */
import { compareText } from '../../codec/bytes.ts';
import { TemplateError } from '../../codec/template-text.ts';
import { failure, refuse } from '../../fault.ts';
import type { SshCall } from './call.ts';
import type { SshRole } from './role.ts';

const TEMPLATE = /\{\{.+?\}\}/;
export const isTemplate = (text: string): boolean => TEMPLATE.test(text);

/** Without an entity a template stays as it is. Rejects with TemplateError, its text as upstream tells it. */
export async function filled(text: string, call: SshCall, forbidden: readonly string[]): Promise<string> {
  const entityId = call.request.caller?.entityId ?? '';
  if (entityId === '' || !isTemplate(text)) return text;
  try {
    return await call.system.fillTemplate(text, entityId, forbidden);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(`template '${text}' could not be rendered -> ${error.message}`);
  }
}

/** A comma would add names, and an asterisk may stand for all. */
const forbiddenIn = (role: SshRole): readonly string[] => [
  ...(role.allow_commas_in_identity_templates ? [] : [',']),
  ...(role.allow_wildcards_in_identity_templates ? [] : ['*']),
];

/** Each once, in order. */
function namesIn(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))].sort(compareText);
}

/** `sent` is undefined when the client named nobody. Rejects with a refusal. */
export async function principalsFor(
  type: 'user' | 'host',
  sent: string | undefined,
  role: SshRole,
  call: SshCall,
): Promise<readonly string[]> {
  const forbidden = forbiddenIn(role);
  const user = type === 'user';
  const otherwise = user ? await defaultUser(role, call, forbidden) : '';
  const names = namesIn(sent ?? otherwise);
  const list = user ? role.allowed_users : role.allowed_domains;
  const templated = user ? role.allowed_users_template : role.allowed_domains_template;
  const allowed = namesIn(templated ? await refusing(filled(list, call, forbidden)) : list);
  if (names.length === 0) {
    if (role.allow_empty_principals || list === '*') return [];
    throw refuse(
      'refusing to issue unsafe, globally-valid certificate with no principals specified; set valid_principals or default_user',
    );
  }
  if (allowed.length === 0) throw refuse('role is not configured to allow any principals');
  if (list === '*') return names;
  const fits = user ? (name: string) => allowed.includes(name) : hostFits(role, allowed);
  const wrong = names.find((name) => !fits(name));
  if (wrong !== undefined) throw refuse(`${wrong} is not a valid value for valid_principals`);
  return names;
}

async function defaultUser(role: SshRole, call: SshCall, forbidden: readonly string[]): Promise<string> {
  if (!role.default_user_template) return role.default_user;
  try {
    return await filled(role.default_user, call, forbidden);
  } catch (error) {
    throw error instanceof TemplateError ? failure(error.message) : error;
  }
}

export async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof TemplateError ? refuse(error.message) : error;
  }
}

const hostFits =
  (role: SshRole, domains: readonly string[]) =>
  (host: string): boolean =>
    domains.some(
      (domain) =>
        (role.allow_bare_domains && host === domain) || (role.allow_subdomains && host.endsWith(`.${domain}`)),
    );
