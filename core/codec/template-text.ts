/** Texts with directives in double braces, as policies, roles and scopes have them. */

/** Why a text cannot be filled in. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** The pieces between and inside the braces, alternating; throws TemplateError when braces do not pair. */
export function splitTemplate(text: string): string[] {
  const [head = '', ...rest] = text.split('{{');
  if (head.includes('}}')) throw new TemplateError('unbalanced templating characters');
  const pieces = [head];
  for (const piece of rest) {
    const parts = piece.split('}}');
    if (parts.length !== 2) throw new TemplateError('unbalanced templating characters');
    pieces.push(parts[0]!.trim(), parts[1]!);
  }
  return pieces;
}

export const noTemplateValue = (): TemplateError =>
  new TemplateError('no value could be found for one of the template directives');
