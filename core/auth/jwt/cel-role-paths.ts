/** `cel/role`: roles that are a program. */
import { CelProgramError } from '../../cel/program.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asList } from '../../codec/json-fields.ts';
import { failure, refuse } from '../../fault.ts';
import { toText } from '../../framework/coerce.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { SECOND } from '../../runtime.ts';
import type { CelRole, Program } from './cel-role.ts';
import { compileProgram, shownProgram } from './cel-role.ts';
import type { JwtCall, JwtMemory, storage } from './memory.ts';
import { boundAudiences, leewayFields } from './role-paths.ts';

const fields = {
  name: field.string('Name of the role.', { required: true }),
  cel_program: field.map('An expression, and variables before it.'),
  message: field.string('What a refused login is told.'),
  ...leewayFields,
  bound_audiences: boundAudiences,
};

interface Input {
  readonly name: string;
  readonly cel_program: JsonObject | undefined;
  readonly message: string | undefined;
  readonly expiration_leeway: number | undefined;
  readonly not_before_leeway: number | undefined;
  readonly clock_skew_leeway: number | undefined;
  readonly bound_audiences: string[] | undefined;
}

const text = (value: JsonValue | undefined): string => (value === undefined || value === null ? '' : toText(value));

function programOf(given: JsonObject): Program {
  const { variables, expression } = given;
  const list = variables === undefined || variables === null ? undefined : asList(variables);
  if (list === undefined && variables !== undefined && variables !== null) {
    const kind = typeof variables === 'string' ? 'string' : typeof variables === 'object' ? 'map' : 'json.Number';
    throw refuse(
      `failed to decode 'cel_program': decoding failed due to the following error(s):\n\n'Variables' source data must be an array or slice, got ${kind}`,
    );
  }
  return {
    variables: list?.filter(isObject).map((one) => ({ name: text(one['name']), expression: text(one['expression']) })),
    expression: text(expression),
  };
}

const shown = (name: string, role: CelRole): JsonObject => ({
  name,
  cel_program: shownProgram(role.program),
  message: role.message,
  expiration_leeway: Math.trunc(role.expirationLeeway / SECOND),
  not_before_leeway: Math.trunc(role.notBeforeLeeway / SECOND),
  clock_skew_leeway: Math.trunc(role.clockSkewLeeway / SECOND),
  bound_audiences: role.boundAudiences,
});

const NEW: Omit<CelRole, 'program'> = {
  message: '',
  expirationLeeway: 150 * SECOND,
  notBeforeLeeway: 150 * SECOND,
  clockSkewLeeway: 60 * SECOND,
  boundAudiences: [],
};

/** What was sent over what was there. */
async function store(input: Input, before: Omit<CelRole, 'program'>, program: Program, call: JwtCall): Promise<Answer> {
  const leeway = (sent: number | undefined, old: number): number => (sent === undefined ? old : sent * SECOND);
  const role: CelRole = {
    program,
    message: input.message ?? before.message,
    expirationLeeway: leeway(input.expiration_leeway, before.expirationLeeway),
    notBeforeLeeway: leeway(input.not_before_leeway, before.notBeforeLeeway),
    clockSkewLeeway: leeway(input.clock_skew_leeway, before.clockSkewLeeway),
    boundAudiences: input.bound_audiences ?? before.boundAudiences,
  };
  if (program.expression === '') throw refuse('cel_program.expression cannot be empty');
  try {
    compileProgram(program);
  } catch (error) {
    throw error instanceof CelProgramError ? failure(error.message) : error;
  }
  await call.store.celRoles.put(input.name, role);
  return shown(input.name, role);
}

export const celRolePaths = paths<JwtMemory, typeof storage>()
  .path(
    'cel/role',
    'The names of all roles that are programs.',
    pageFields,
    { list: { run: ({ after, limit }, call) => call.store.celRoles.list({ after, limit }) } },
    { id: { verb: 'list', suffix: 'cel' }, help: 'They are listed by name.' },
  )
  .path(
    'cel/role/:name',
    'A role whose program says who may log in, and with what.',
    fields,
    {
      read: {
        run: async ({ name }, call) => {
          const role = await call.store.celRoles.get(name);
          return role && shown(name, role);
        },
      },
      update: {
        forward: true,
        run: (input, call) => {
          if (input.cel_program === undefined) throw refuse("missing required field 'cel_program'");
          return store(input, NEW, programOf(input.cel_program), call);
        },
      },
      patch: {
        forward: true,
        run: async (input, call) => {
          const before = await call.store.celRoles.get(input.name);
          if (before === undefined) throw refuse('Unable to fetch cel role entry to patch');
          const program = input.cel_program === undefined ? before.program : programOf(input.cel_program);
          return store(input, before, program, call);
        },
      },
      delete: { forward: true, run: ({ name }, call) => call.store.celRoles.delete(name) },
    },
    { id: { suffix: 'role' }, help: 'The program gives a pb.Auth for a login, false or a text against it.' },
  );
