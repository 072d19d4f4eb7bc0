/** What was traced in a run so far, as far as states ask about it. */
import type { TraceEvent } from '../../core/trace.ts';

interface Role {
  readonly state: string;
  readonly term: number;
}

export class SoFar {
  /** Of Raft, by node. */
  readonly roles = new Map<string, Role>();
  /** Who stood for election, by term. */
  readonly candidates = new Map<number, Set<string>>();
  readonly wonTerms = new Set<number>();
  /** node.state, by node. */
  readonly nodes = new Map<string, string>();
  /** Nodes that were active, in the order in which they became so, and again. */
  readonly actives: string[] = [];
  /** By lease: the node that first told of it, and those at which its revocation failed. */
  readonly leases = new Map<string, string>();
  readonly failedRevocations = new Map<string, string>();
  /** The latest configuration that each node took for the members, by node. */
  readonly members = new Map<string, { readonly index: number; readonly ids: readonly string[] }>();
  /** Deletions that were asked for, by method and path, and the node that was asked last. */
  readonly asked = new Map<string, string>();
  readonly #paths = new Map<string, string>();

  /** Where this very response's request went. */
  pathOf(node: string, id: number): string {
    return this.#paths.get(`${node} ${id}`) ?? '';
  }

  isActive(node: string): boolean {
    return this.nodes.get(node) === 'active';
  }

  /** States have been asked about the event before. */
  add(event: TraceEvent, node: string): void {
    switch (event.kind) {
      case 'raft.state': {
        this.roles.set(node, { state: event.state, term: event.term });
        if (event.state === 'leader') this.wonTerms.add(event.term);
        if (event.state !== 'candidate') return;
        const standing = this.candidates.get(event.term) ?? new Set();
        this.candidates.set(event.term, standing.add(node));
        return;
      }
      case 'node.start':
        this.roles.delete(node);
        this.nodes.delete(node);
        this.members.delete(node);
        return;
      case 'node.state':
        this.nodes.set(node, event.state);
        if (event.state === 'active') this.actives.push(node);
        return;
      case 'lease':
        if (!this.leases.has(event.id)) this.leases.set(event.id, node);
        if (event.what === 'failed') this.failedRevocations.set(event.id, node);
        return;
      case 'raft.configuration':
        this.members.set(node, { index: event.index, ids: event.servers.map(({ id }) => id) });
        return;
      case 'http.request':
        if (event.method === 'DELETE') this.asked.set(`DELETE ${event.path}`, node);
        this.#paths.set(`${node} ${event.id}`, event.path);
        return;
      case 'http.response':
        this.#paths.delete(`${node} ${event.id}`);
        return;
      default:
    }
  }
}
