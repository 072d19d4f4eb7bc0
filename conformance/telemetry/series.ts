/** What a node's sys/metrics shows, in both of its forms. */
import { eventually, type RealNode } from '../cluster.ts';

/** A node that changes its role may refuse for a moment. */
function metricsOf(node: RealNode, token: string, query: string): Promise<Response> {
  return eventually(`metrics of ${node.address}`, async () => {
    const answer = await fetch(`${node.address}/v1/sys/metrics${query}`, { headers: { 'X-Vault-Token': token } });
    return answer.ok ? answer : undefined;
  });
}

/** Every series as `type name{labels}`, of both forms; values of labels that are chance are `*`. */
export async function seriesOf(node: RealNode, token: string): Promise<{ json: Set<string>; prometheus: Set<string> }> {
  const text = await (await metricsOf(node, token, '?format=prometheus')).text();
  const prometheus = new Set<string>();
  let type = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) type = line.split(' ')[3]!;
    else if (line !== '' && !line.startsWith('#')) {
      const [, name = '', , labels = ''] = /^([^{ ]+)(\{(.*)\})? /.exec(line) ?? [];
      const plain = type === 'summary' ? name.replace(/_(sum|count)$/, '') : name;
      prometheus.add(`${type} ${plain}${shownLabels(labels.replace(/,?quantile="[^"]*"/, ''))}`);
    }
  }
  const json = new Set<string>();
  const data = (await (await metricsOf(node, token, '')).json()) as Record<
    string,
    { Name: string; Labels: Record<string, string> }[]
  >;
  for (const [kind, rows] of Object.entries(data)) {
    if (!Array.isArray(rows)) continue;
    for (const { Name, Labels } of rows) {
      const labels = Object.entries(Labels ?? {}).map(([name, value]) => `${name}="${value}"`);
      json.add(`${kind} ${Name}${shownLabels(labels.sort().join(','))}`);
    }
  }
  return { json, prometheus };
}

const shownLabels = (labels: string): string =>
  labels === '' ? '' : `{${labels.replace(/database="[^"]*"/g, 'database="*"')}}`;
