/** Names of users, made by Go templates. */
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { upstreamFunctions } from '../../codec/go-template/upstream-functions.ts';
import { failure } from '../../fault.ts';
import { templateWorld } from '../../framework/template-world.ts';
import type { Runtime } from '../../runtime.ts';

export interface NameParts {
  readonly displayName: string;
  readonly roleName: string;
}

const TYPE = 'dbplugin.UsernameMetadata';

export class NameTemplate {
  readonly #template: GoTemplate;

  /** Throws GoTemplateError. */
  constructor(text: string, runtime: Runtime) {
    this.#template = new GoTemplate(text, upstreamFunctions(templateWorld(runtime)));
  }

  /** Throws GoTemplateError. */
  make({ displayName, roleName }: NameParts): string {
    try {
      return this.#template.run({ DisplayName: displayName, RoleName: roleName });
    } catch (error) {
      if (!(error instanceof GoTemplateError)) throw error;
      throw new GoTemplateError(`unable to apply template: ${asStruct(error.message)}`);
    }
  }
}

/** What upstream fills in is a struct, and says so. */
const asStruct = (message: string): string =>
  message.replace(/map has no entry for key "(\w+)"/, `can't evaluate field $1 in type ${TYPE}`);

/** A plugin's, or the one that a connection is configured with. */
export function usernameTemplate(given: string, usual: string, runtime: Runtime): NameTemplate {
  let template: NameTemplate;
  try {
    template = new NameTemplate(given === '' ? usual : given, runtime);
  } catch (error) {
    throw problem('unable to initialize username template: unable to parse template', error);
  }
  try {
    template.make({ displayName: '', roleName: '' });
  } catch (error) {
    throw problem('invalid username template', error);
  }
  return template;
}

const problem = (what: string, error: unknown): unknown =>
  error instanceof GoTemplateError ? failure(`${what}: ${error.message}`) : error;
