/** What a namespace may be called. */
import { quote } from '../../codec/go-quote.ts';
import { refuse, refuseAsItSays } from '../../fault.ts';

const reserved: ReadonlySet<string> = new Set(['root', 'sys', 'audit', 'auth', 'cubbyhole', 'identity']);

/** The name without its slash; not all that pass may be made. Throws upstream's refusal. */
export function checkName(given: string): string {
  const name = given.replace(/^\/|\/+$/g, '');
  if (name === '') throw refuse('namespace name cannot be empty');
  if (name.includes('/')) throw refuse('namespace name cannot contain /');
  if (reserved.has(name)) throw refuse(`"${name}/" is a reserved path and cannot be used as a namespace name`);
  return name;
}

/** Throws upstream's refusal. */
export function checkNewName(name: string): void {
  if (name.includes(' ')) {
    throw refuseAsItSays(`${quote(name)} contains space characters that cannot be used in a namespace name`);
  }
  for (const wildcard of ['+', '*']) {
    if (!name.includes(wildcard)) continue;
    throw refuseAsItSays(
      `${quote(name)} contains wildcard characters that cannot be used in a namespace name: '${wildcard}'`,
    );
  }
}
