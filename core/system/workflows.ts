/** sys/workflows: requests that operators string together, kept in the store and run by whoever may call them. */
import { emptyObject } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { templateWorld } from '../framework/template-world.ts';
import { Fault, coded, failure, permissionDenied, unsupportedPath } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import { pageFields, pageFieldsBesideWrites } from '../framework/page-fields.ts';
import type { Response } from '../framework/logical.ts';
import type { Reply } from '../framework/reply.ts';
import { listing, reply } from '../framework/reply.ts';
import { parseDocument } from '../server/profiles/document.ts';
import { Profile, ProfileError } from '../server/profiles/engine.ts';
import { sendFrom } from '../server/profiles/send.ts';
import { policyName } from '../server/policy/policy-name.ts';
import { knownPath, listWorkflows, readWorkflow, shownWorkflow, writeWorkflow } from '../server/profiles/workflows.ts';
import { handleRequest } from '../server/request.ts';
import { StorageView } from '../storage/view.ts';
import type { SystemContext } from './context.ts';
import { systemPaths } from './context.ts';

type SystemCall = Call<undefined, object, SystemContext>;

/** A workflow that runs a workflow … goes so deep. */
const DEEPEST = 5;

const storageOf = ({ context }: SystemCall): StorageView =>
  new StorageView(context.node.active().storage, 'workflows/');

async function list(call: SystemCall, deep: boolean, after = '', limit = 0): Promise<Reply> {
  const storage = storageOf(call);
  const keys = await listWorkflows(storage, deep, after, limit);
  const info: JsonObject = {};
  for (const key of keys) {
    const workflow = await readWorkflow(storage, key);
    if (workflow !== undefined) info[key] = shownWorkflow(workflow);
  }
  return reply(listing(keys, info));
}

type Mode = 'authed' | 'unauthed' | 'trace';

async function execute(path: string, mode: Mode, call: SystemCall): Promise<Reply> {
  const { request } = call;
  if (path.trim() === '') throw unsupportedPath();
  const workflow = await readWorkflow(storageOf(call), path);
  if (mode === 'unauthed' && workflow?.allowUnauthenticated !== true) throw permissionDenied();
  if (workflow === undefined) throw coded(404, 'workflow does not exist');
  if (request.id.includes('.unauthed.workflow.')) throw permissionDenied();
  if (request.id.split('.workflow.').length > DEEPEST) throw coded(400, 'too much workflow recursion');
  const document = parseDocument(workflow.text);
  let profile: Profile;
  try {
    profile = new Profile({
      document,
      outer: 'flow',
      input: { ...request.data, path },
      reserved: ['path'],
      token: request.clientToken,
      id: `${request.id}.${mode === 'unauthed' ? 'unauthed' : 'authed'}.workflow.${path}`,
      world: templateWorld(call.runtime),
      send: (asked) =>
        sendFrom(request, asked, (made) => handleRequest(made, call.context.node.active().namespaces.root.realm!)),
    });
  } catch (error) {
    throw error instanceof ProfileError ? failure(`failed building profile engine: ${error.message}`) : error;
  }
  if (mode === 'trace') return reply({ data: await trace(profile, document.output !== undefined) });
  try {
    await profile.run();
    return reply(document.output === undefined ? {} : answered(profile.output()));
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    const where = document.output === undefined ? 'failed to evaluate workflow: ' : '';
    throw new Fault('error', where + error.message, error.status);
  }
}

const answered = (data: JsonObject | undefined): Response => (data === undefined ? {} : { data });

/** How it went, whether it went well or not. */
async function trace(profile: Profile, answers: boolean): Promise<JsonObject> {
  let error: JsonValue = null;
  let response: JsonValue | undefined;
  try {
    await profile.run();
    if (answers) {
      response = null;
      const data = profile.output() ?? null;
      response = new Map<string, JsonValue>([
        ['secret', null],
        ['auth', null],
        ['data', data],
        ['redirect', ''],
        ['warnings', null],
        ['wrap_info', null],
        ['headers', emptyObject()],
      ]);
    }
  } catch (failed) {
    if (!(failed instanceof ProfileError)) throw failed;
    // Go's errors have no fields to print.
    error = emptyObject();
  }
  const { history } = profile;
  return {
    error,
    history: { requests: history.requests(), responses: history.responses() },
    ...(response !== undefined && { response }),
  };
}

const path = field.string('Where the workflow is kept.', { required: true });

export const workflowPaths = systemPaths()
  .path('workflows/manage/?', 'The workflows.', pageFields, {
    list: {
      about: 'List the workflows with what they are.',
      run: ({ after, limit }, call) => list(call, false, after, limit),
    },
    scan: { about: 'List all workflows, also those in folders.', run: (_, call) => list(call, true) },
  })
  .path(
    'workflows/manage/:path+',
    'A workflow.',
    {
      path,
      ...pageFieldsBesideWrites,
      workflow: field.string('The requests, in HCL or JSON.', { required: true }),
      description: field.string('What it is good for.', { always: true }),
      allow_unauthenticated: field.bool('Whether it may be run without a token.', { always: true }),
      cas_required: field.bool('Whether later writes must say which version they replace.', { always: true }),
      cas: field.int('The version that is replaced; -1: none may exist.'),
    },
    {
      list: { about: 'List the workflows in a folder.', run: (_, call) => list(call, false) },
      scan: { about: 'List all workflows in a folder.', run: (_, call) => list(call, true) },
      read: {
        about: 'Read a workflow.',
        run: async (sent, call) => {
          const workflow = await readWorkflow(storageOf(call), sent.path);
          return workflow && shownWorkflow(workflow);
        },
      },
      update: {
        about: 'Write a workflow.',
        run: async (sent, call) => {
          const { description, cas_required: casRequired, allow_unauthenticated: allowUnauthenticated } = sent;
          const given = { path: sent.path, text: sent.workflow, description, casRequired, allowUnauthenticated };
          return shownWorkflow(await writeWorkflow(storageOf(call), given, sent.cas));
        },
      },
      delete: {
        about: 'Delete a workflow.',
        run: (sent, call) => storageOf(call).delete(knownPath(sent.path)),
      },
    },
    { resolve: (sent) => `workflows/manage/${policyName(sent.path)}` },
  )
  .path(
    'workflows/execute/:path+',
    'Runs a workflow.',
    { path },
    {
      update: {
        about: 'Run a workflow with the token of the request.',
        run: (sent, call) => execute(sent.path, 'authed', call),
      },
    },
    { anyInput: true, resolve: (sent) => `workflows/execute/${policyName(sent.path)}` },
  )
  .path(
    'workflows/trace/:path+',
    'Runs a workflow and shows how it went.',
    { path },
    {
      update: {
        about: 'Run a workflow and answer with all its requests.',
        run: (sent, call) => execute(sent.path, 'trace', call),
      },
    },
    { anyInput: true, resolve: (sent) => `workflows/trace/${policyName(sent.path)}` },
  )
  .path(
    'workflows/unauthed-execute/:path+',
    'Runs a workflow without a token.',
    { path },
    { update: { about: 'Run a workflow that allows it.', run: (sent, call) => execute(sent.path, 'unauthed', call) } },
    {
      anyInput: true,
      unauthenticated: 'workflows/unauthed-execute/*',
      when: ({ node }: SystemContext) => node.settings.unauthenticatedWorkflows,
    },
  );
