/** Texts with directives in double braces, as policies, roles and scopes have them. */

/** Why a text cannot be filled in. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** The pieces between and inside the braces, alternating; throws TemplateError where braces do not pair. */
export function* templatePieces(text: string): Generator<string, undefined> {
  const [head = '', ...rest] = text.split('{{');
  if (head.includes('}}')) throw new TemplateError('unbalanced templating characters');
  yield head;
  for (const piece of rest) {
    const parts = piece.split('}}');
    if (parts.length !== 2) throw new TemplateError('unbalanced templating characters');
    yield parts[0]!.trim();
    yield parts[1]!;
  }
}

/** All of them at once. */
export const splitTemplate = (text: string): string[] => [...templatePieces(text)];

export const noTemplateValue = (): TemplateError =>
  new TemplateError('no value could be found for one of the template directives');
