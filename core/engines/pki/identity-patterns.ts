/** `{{identity.entity.…}}` in what a role allows, filled in for who asks. */
import { splitTemplate, TemplateError } from '../../codec/template-text.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { PkiCall } from './call.ts';
import type { AllowedPattern } from './name-rules.ts';

/** The value of one directive; undefined when the entity has none. */
function valueOf(directive: string, entity: JsonObject): string | undefined {
  const path = directive.split('.');
  if (path[0] !== 'identity' || path[1] !== 'entity') return undefined;
  if (path[2] === 'metadata') {
    const metadata = entity['metadata'] as JsonObject | undefined;
    const value = metadata?.[path.slice(3).join('.')];
    return typeof value === 'string' ? value : undefined;
  }
  const value = path.length === 3 && (path[2] === 'id' || path[2] === 'name') ? entity[path[2]] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Undefined when it cannot be filled in: it allows nothing then. */
function filled(text: string, entity: JsonObject): { text: string; wild: boolean } | undefined {
  let wild = false;
  let whole = '';
  for (const [i, piece] of splitTemplate(text).entries()) {
    const value = i % 2 === 0 ? piece : valueOf(piece, entity);
    if (value === undefined) return undefined;
    if (i % 2 === 1 && value.includes('*')) wild = true;
    whole += value;
  }
  return { text: whole, wild };
}

/** `globs`: whether a '*' that an entity's own value brings along is a wildcard. */
export async function allowedPatterns(
  texts: readonly string[],
  templated: boolean,
  globs: boolean,
  call: PkiCall,
): Promise<AllowedPattern[]> {
  const plain = texts.map((text) => ({ text, globs: true }));
  const id = call.request.caller?.entityId ?? '';
  if (!templated || id === '') return plain;
  const entity = (await call.system.entity(id)) ?? {};
  return texts.flatMap((text): AllowedPattern[] => {
    try {
      if (splitTemplate(text).length === 1) return [{ text, globs: true }];
      const done = filled(text, entity);
      return done === undefined ? [] : [{ text: done.text, globs: globs || !done.wild }];
    } catch (error) {
      if (error instanceof TemplateError) return [{ text, globs: true }];
      throw error;
    }
  });
}
