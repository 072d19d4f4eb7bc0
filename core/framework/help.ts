/** `?help=1`: upstream's frame around our own sentences. */
import { compareText } from '../codec/bytes.ts';
import type { Engine, Path } from './engine.ts';
import type { ApiDocument, BackendContext, Response } from './logical.ts';
import { describeForHelp, describePath, printable } from './openapi.ts';

const indent = (spaces: number, text: string): string => text.replace(/^/gm, ' '.repeat(spaces));

const or = (text: string | undefined, otherwise: string): string => text?.trim() || otherwise;

const answer = (help: string, openapi: ApiDocument): Response => ({
  data: { help, openapi: printable(openapi), see_also: null },
});

const ROOT_FRAME = `## PATHS

The following paths are supported by this backend. To view help for
any of the paths below, use the help command with any route matching
the path pattern. Note that depending on the policy of your auth token,
you may or may not be able to access certain paths.
`;

/** The paths of a mount, each with what it is. */
export const pathList = (paths: readonly (readonly [route: string, about: string])[]): string =>
  `${ROOT_FRAME}\n${paths.map(([route, about]) => `    ${route}\n${indent(8, about.trim())}\n`).join('\n')}`;

/** Help on the mount: what it is, and all its patterns. */
export function rootHelp<S, P, C extends BackendContext>(engine: Engine<S, P, C>, version: string): Response {
  const sorted = [...engine.paths].sort((a, b) => compareText(a.pattern.source, b.pattern.source));
  const list = pathList(sorted.map(({ pattern, about }) => [pattern.source, about]));
  const help = `## DESCRIPTION\n\n${engine.spec.about.trim()}\n\n${list}`;
  return answer(help.trim(), describeForHelp(engine, version));
}

/** Help on the path that `request` matches. */
export function pathHelp<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  path: Path,
  request: string,
  version: string,
): Response {
  const order = [...path.names.keys()].sort((a, b) => compareText(path.names[a]!, path.names[b]!));
  const parameters = order.map((i) => {
    const field = path.fields[i]!;
    const about = or(field.about, '<no description>');
    const shown = field.options.deprecated === true ? `(DEPRECATED) ${about}` : about;
    return `    ${path.names[i]!} (${field.kind})\n\n${indent(8, shown)}\n`;
  });
  const help = [
    `Request:        ${request}`,
    `Matching Route: ${path.pattern.source}`,
    '',
    or(path.about, '<no synopsis>'),
    '',
    parameters.length === 0 ? '' : `## PARAMETERS\n\n${parameters.join('\n')}`,
    '## DESCRIPTION',
    '',
    or(path.options.help, '<no description>'),
  ].join('\n');
  return answer(help.trim(), describePath(engine, path, version));
}
