/** Names of accounts that engines make elsewhere: Go templates over who asks and for which role. */
import { GoTemplate, GoTemplateError } from '../codec/go-template/template.ts';
import { upstreamFunctions } from '../codec/go-template/upstream-functions.ts';
import type { Runtime } from '../runtime.ts';
import { templateWorld } from './template-world.ts';

/** Who asks, and for what: fields by name, as the template says them. */
export type NameSubject = Readonly<Record<string, string>>;

/** What is wrong with a template, with upstream's words before Go's. */
export class NameTemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NameTemplateError';
  }
}

export class NameTemplate {
  readonly #template: GoTemplate;
  readonly #type: string;

  /** `type` is what Go calls the subject: errors name it. Throws NameTemplateError. */
  constructor(text: string, runtime: Runtime, type: string) {
    this.#type = type;
    this.#template = wrapped('unable to parse template', () => {
      return new GoTemplate(text, upstreamFunctions(templateWorld(runtime)));
    });
  }

  /** Throws NameTemplateError. */
  generate(subject: NameSubject): string {
    return wrapped('unable to apply template', () => this.#template.run(subject, this.#type));
  }
}

function wrapped<T>(prefix: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof GoTemplateError ? new NameTemplateError(`${prefix}: ${error.message}`) : error;
  }
}
