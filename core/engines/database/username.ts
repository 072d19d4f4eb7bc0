/** Names of users: upstream's defaults, or the template that a connection is configured with. */
import type { JsonObject } from '../../codec/json.ts';
import { Fault } from '../../fault.ts';
import { goType } from '../../framework/coerce.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import type { Runtime } from '../../runtime.ts';

export interface NameParts {
  readonly displayName: string;
  readonly roleName: string;
}

/** What Go calls them. */
const TYPE = 'dbplugin.UsernameMetadata';

export type Names = (parts: NameParts) => string;

/** Tried once, so that a template that cannot be filled in is told at once: both kinds of trouble come from `problem`. */
export function nameTemplate(
  text: string,
  runtime: Runtime,
  problem: (stage: 'parse' | 'try', message: string) => Error,
): Names {
  const wrapped = <T>(stage: 'parse' | 'try', body: () => T): T => {
    try {
      return body();
    } catch (error) {
      throw error instanceof NameTemplateError ? problem(stage, error.message) : error;
    }
  };
  const template = wrapped('parse', () => new NameTemplate(text, runtime, TYPE));
  const names: Names = ({ displayName, roleName }) =>
    template.generate({ DisplayName: displayName, RoleName: roleName });
  wrapped('try', () => names({ displayName: '', roleName: '' }));
  return names;
}

/** What is wrong with the template of a connection. */
export class UsernameFault extends Fault {
  constructor(message: string) {
    super('error', message);
    this.name = 'UsernameFault';
  }
}

/** A plugin's, or the one that a connection is configured with. `trouble` precedes what is no text. */
export function usernameTemplate(
  { username_template: given = '' }: JsonObject,
  usual: string,
  runtime: Runtime,
  trouble = 'failed to retrieve username_template: ',
): Names {
  if (typeof given !== 'string')
    throw new UsernameFault(`${trouble}invalid value at username_template: is a ${goType(given)}`);
  return nameTemplate(
    given === '' ? usual : given,
    runtime,
    (stage, message) =>
      new UsernameFault(
        `${stage === 'parse' ? 'unable to initialize username template' : 'invalid username template'}: ${message}`,
      ),
  );
}
