/** sys/mfa/validate: the second step of a login that has to be confirmed. */
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { systemPaths } from './context.ts';

export const mfaPaths = systemPaths().path(
  'mfa/validate',
  'Confirms a login.',
  {
    mfa_request_id: field.string('ID that the login was answered with.', { required: true }),
    mfa_payload: field.map('Lists of passcodes by ID or name of the method.', { required: true }),
  },
  {
    update: {
      about: 'Confirm a login.',
      forward: true,
      run: async (sent, { context }) => {
        const { loginMfa } = context.node.active().services.identity;
        const { auth, warnings } = await loginMfa.validate(sent.mfa_request_id, sent.mfa_payload);
        return reply({ auth, ...(warnings.length > 0 && { warnings }) });
      },
    },
  },
  { id: { prefix: 'mfa', verb: 'validate' } },
);
