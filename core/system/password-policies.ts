/** sys/policies/password: how passwords are made. */
import { coded } from '../fault.ts';
import { field } from '../framework/field.ts';
import {
  deletePasswordPolicy,
  listPasswordPolicies,
  passwordBy,
  readPasswordPolicy,
  writePasswordPolicy,
} from '../server/passwords/passwords.ts';
import { systemPaths } from './context.ts';
import { plainText } from '../codec/plain-text.ts';

const name = field.string('Name of the password policy.', { required: true });

export const passwordPolicyPaths = systemPaths()
  .path(
    'policies/password/?',
    'The password policies.',
    {},
    {
      list: { about: 'Their names.', run: (_, { context }) => listPasswordPolicies(context.node.active().storage) },
    },
  )
  .path(
    'policies/password/:name{.+}/generate',
    'A password by a policy.',
    { name },
    {
      read: {
        about: 'Make one.',
        run: async ({ name: policy }, { context, random }) => ({
          password: await passwordBy(context.node.active().storage, random, policy),
        }),
      },
    },
  )
  .path(
    'policies/password/:name{.+}',
    'A password policy.',
    { name, policy: field.string('The rules, in HCL or JSON, as they are or in base64.', { always: true }) },
    {
      read: {
        about: 'Its text.',
        run: async ({ name: policy }, { context }) => ({
          policy: await readPasswordPolicy(context.node.active().storage, policy),
        }),
      },
      update: {
        about: 'Make or change it.',
        run: async (input, { context }) => {
          if (input.policy === '') throw coded(400, 'missing policy');
          await writePasswordPolicy(context.node.active().storage, input.name, plainText(input.policy));
        },
      },
      delete: {
        about: 'Remove it.',
        run: (input, { context }) => deletePasswordPolicy(context.node.active().storage, input.name),
      },
    },
  );
