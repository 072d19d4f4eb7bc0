/** sys/workflows: requests that operators string together, kept in the store and run by whoever may call them. */
import { emptyObject } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { templateWorld } from '../framework/template-world.ts';
import { Fault, coded, failure, permissionDenied } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import type { Request, Response } from '../framework/logical.ts';
import type { Reply } from '../framework/reply.ts';
import { listing, reply } from '../framework/reply.ts';
import { multierror } from '../server/multierror.ts';
import { parseDocument } from '../server/profiles/document.ts';
import { Profile, ProfileError, isClientOperation } from '../server/profiles/engine.ts';
import type { ProfileOptions, ProfileRequest } from '../server/profiles/engine.ts';
import { listWorkflows, readWorkflow, shownWorkflow, writeWorkflow } from '../server/profiles/workflows.ts';
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
      input: { ...request.data, path },
      reserved: ['path'],
      token: request.clientToken,
      id: `${request.id}.${mode === 'unauthed' ? 'unauthed' : 'authed'}.workflow.${path}`,
      world: templateWorld(call.runtime),
      send: (asked) => send(asked, request, call),
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

/** One request of a run goes the way of every request, in the workflow's namespace or below it. */
async function send(asked: ProfileRequest, from: Request, { context }: SystemCall): ReturnType<ProfileOptions['send']> {
  const { operation } = asked;
  if (!isClientOperation(operation)) throw failure('cannot handle internal-only request operation');
  const namespace = [...asked.headers].find(([name]) => name.toLowerCase() === 'x-vault-namespace')?.[1];
  if (namespace !== undefined && namespace.length > 1) {
    throw failure(`have ${namespace.length} values for "X-Vault-Namespace" header; expected only 1`);
  }
  const headers = new Map([...asked.headers].map(([name, values]) => [name.toLowerCase(), values]));
  headers.set('x-vault-namespace', [from.namespace.path + (namespace?.[0] ?? '')]);
  const path = operation === 'list' || operation === 'scan' ? asked.path.replace(/\/?$/, '/') : asked.path;
  const request: Request = {
    id: asked.id,
    operation,
    path,
    data: structured(asked.data),
    namespace: from.namespace,
    clientToken: asked.clientToken,
    headers,
    remote: from.remote,
    unauthenticated: false,
    standby: from.standby,
  };
  try {
    const response = await handleRequest(request, context.node.active().namespaces.root.realm!);
    return { request: { ...request, path: asked.path, headers: asked.headers, data: asked.data }, response };
  } catch (error) {
    throw error instanceof Fault ? inner(error, asked) : error;
  }
}

/** To whoever asks from inside, what a backend refuses is an error of its class, whose text decides the status. */
function inner(error: Fault, { path }: ProfileRequest): Fault {
  const { message, status } = error;
  if (error.shape !== 'response' || path.endsWith('/')) return new Fault('error', message, status);
  if (error.name === 'InvalidCredentials') return failure('invalid credentials');
  if (message.includes('permission denied') || status === 403) return failure(multierror('permission denied'));
  return failure(multierror(status === 404 ? 'unsupported path' : 'invalid request'));
}

/** Data of its own, since backends may change what they are given. */
const structured = (data: JsonObject): JsonObject => ({ ...data });

const path = field.string('Where the workflow is kept.', { required: true });
const page = {
  after: field.string('List what comes after this name.', { default: '', query: true }),
  limit: field.int('List so many names at most.', { default: 0, query: true }),
};

export const workflowPaths = systemPaths()
  .path('workflows/manage/?', 'The workflows.', page, {
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
      ...page,
      workflow: field.string('The requests, in HCL or JSON.', { required: true }),
      description: field.string('What it is good for.', { default: '' }),
      allow_unauthenticated: field.bool('Whether it may be run without a token.', { default: false }),
      cas_required: field.bool('Whether later writes must say which version they replace.', { default: false }),
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
        run: (sent, call) => storageOf(call).delete(sent.path.trim().toLowerCase()),
      },
    },
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
    { anyInput: true },
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
    { anyInput: true },
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
