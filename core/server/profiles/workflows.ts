/** The store of workflows: `workflows/<path>` of a namespace's storage, and their runs. */
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import { parseObject } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Storage } from '../../storage/storage.ts';
import { scanNames } from '../../framework/scan.ts';
import { DocumentError, parseDocument } from './document.ts';

export interface Workflow {
  readonly path: string;
  readonly text: string;
  readonly description: string;
  readonly version: number;
  readonly casRequired: boolean;
  readonly allowUnauthenticated: boolean;
}

export const knownPath = (path: string): string => path.trim().toLowerCase().replace(/\/$/, '');

export async function readWorkflow(storage: Storage, path: string): Promise<Workflow | undefined> {
  const known = knownPath(path);
  const bytes = await storage.get(known);
  if (bytes === undefined) return undefined;
  const stored = parseObject(bytes);
  return {
    path: known,
    text: asString(stored['workflow']) ?? '',
    description: asString(stored['description']) ?? '',
    version: asNumber(stored['version']) ?? 0,
    casRequired: asBoolean(stored['cas_required']) ?? false,
    allowUnauthenticated: asBoolean(stored['allow_unauthenticated']) ?? false,
  };
}

/** Throws Fault when the text is no workflow, or `cas` is not the version that is there. */
export async function writeWorkflow(
  storage: Storage,
  given: Omit<Workflow, 'version'>,
  cas: number | undefined,
): Promise<Workflow> {
  try {
    parseDocument(given.text);
  } catch (error) {
    throw error instanceof DocumentError ? refuse(error.message) : error;
  }
  const existing = await readWorkflow(storage, given.path);
  checkCas(existing, given.casRequired, cas);
  const workflow = { ...given, path: knownPath(given.path), version: (existing?.version ?? 0) + 1 };
  await storage.put(
    workflow.path,
    encodeEntry(
      new Map<string, JsonValue>([
        ['workflow', workflow.text],
        ['description', workflow.description],
        ['version', workflow.version],
        ['cas_required', workflow.casRequired],
        ['allow_unauthenticated', workflow.allowUnauthenticated],
      ]),
    ),
  );
  return workflow;
}

function checkCas(existing: Workflow | undefined, required: boolean, cas: number | undefined): void {
  if (cas === undefined) {
    if (required || existing?.casRequired === true) throw refuse('check-and-set parameter required for this call');
  } else if (cas === -1) {
    if (existing !== undefined) throw refuse('check-and-set parameter set to -1 on existing entry');
  } else if (existing === undefined) {
    throw refuse('check-and-set parameter set greater than 1 on non-existent entry');
  } else if (cas !== existing.version) throw refuse('check-and-set parameter did not match the current version');
}

/** One level, or all below. */
export const listWorkflows = (
  storage: Storage,
  deep: boolean,
  after: string,
  limit: number,
): Promise<readonly string[]> =>
  deep ? scanNames((folder) => storage.list(folder)) : storage.list('', { after, limit });

export const shownWorkflow = (workflow: Workflow): JsonObject => ({
  allow_unauthenticated: workflow.allowUnauthenticated,
  cas_required: workflow.casRequired,
  description: workflow.description,
  path: workflow.path,
  version: workflow.version,
  workflow: workflow.text,
});
