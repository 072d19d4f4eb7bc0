/**
 * One file may hold what several nodes logged, each line with its node in front, as `docker compose logs`, `kubectl logs
 * --prefix` and journals of several hosts have it.
 */

interface LogText {
  readonly file: string;
  readonly text: string;
}

const FRONTS: readonly RegExp[] = [
  // openbao-1  | …
  /^([\w.-]+) +\| /,
  // [pod/openbao-0/openbao] …
  /^\[pod\/([\w.-]+)\/[\w.-]+\] /,
  // Nov 30 11:09:46 host bao[812]: …
  /^[A-Z][a-z]{2} +\d+ [\d:]{8} ([\w.-]+) [\w.-]+\[\d+\]: /,
];

/** A text a node; the same where all lines are of one, or of nobody in particular. */
export function splitByNode({ file, text }: LogText): LogText[] {
  const all = text.split('\n');
  for (const front of FRONTS) {
    const nodes = new Map<string, string[]>();
    for (const line of all) {
      const name = front.exec(line)?.[1];
      if (name !== undefined) own(nodes, name).push(line.replace(front, ''));
    }
    if (nodes.size > 1) return [...nodes].map(([name, lines]) => ({ file: `${file}:${name}`, text: lines.join('\n') }));
  }
  return [{ file, text }];
}

function own(nodes: Map<string, string[]>, name: string): string[] {
  const lines = nodes.get(name) ?? [];
  nodes.set(name, lines);
  return lines;
}
