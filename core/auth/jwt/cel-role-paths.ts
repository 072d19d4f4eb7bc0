/** `cel/role`: roles that are a program. */
import { CelProgramError } from '../../cel/program.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { sentProgram, shownProgram, type StoredProgram } from '../../framework/cel-program.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { SECOND } from '../../runtime.ts';
import type { CelRole } from './cel-role.ts';
import { compileProgram } from './cel-role.ts';
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
async function store(
  input: Input,
  before: Omit<CelRole, 'program'>,
  program: StoredProgram,
  call: JwtCall,
): Promise<Answer> {
  const leeway = (sent: number | undefined, old: number): number => (sent === undefined ? old : sent * SECOND);
  const role: CelRole = {
    program,
    message: input.message ?? before.message,
    expirationLeeway: leeway(input.expiration_leeway, before.expirationLeeway),
    notBeforeLeeway: leeway(input.not_before_leeway, before.notBeforeLeeway),
    clockSkewLeeway: leeway(input.clock_skew_leeway, before.clockSkewLeeway),
    boundAudiences: input.bound_audiences ?? before.boundAudiences,
  };
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
          const program = sentProgram(input.cel_program, refuse);
          if (program.expression === '') throw refuse('cel_program.expression cannot be empty');
          return store(input, NEW, program, call);
        },
      },
      patch: {
        forward: true,
        run: async (input, call) => {
          const before = await call.store.celRoles.get(input.name);
          if (before === undefined) throw refuse('Unable to fetch cel role entry to patch');
          const program =
            input.cel_program === undefined ? before.program : sentProgram(input.cel_program, refuse, before.program);
          return store(input, before, program, call);
        },
      },
      delete: { forward: true, run: ({ name }, call) => call.store.celRoles.delete(name) },
    },
    { id: { suffix: 'role' }, help: 'The program gives a pb.Auth for a login, false or a text against it.' },
  );
