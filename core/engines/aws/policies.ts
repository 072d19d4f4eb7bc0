/** What a session may do: the role's policies, and those of the groups that it names. */
import { asList, asObject } from '../../codec/json-fields.ts';
import { type JsonValue, parse, print } from '../../codec/json.ts';
import { xmlAt } from '../../codec/xml.ts';
import { type AwsAsk, members } from './client.ts';
import type { AwsRole } from './role.ts';

export interface SessionPolicies {
  /** JSON; '' for none. */
  readonly document: string;
  readonly arns: readonly string[];
}

/** Rejects with AwsError, or JsonError for a policy that is none. */
export async function sessionPolicies(ask: AwsAsk, role: AwsRole): Promise<SessionPolicies> {
  const documents: string[] = [];
  const arns = [...role.policyArns];
  for (const GroupName of role.iamGroups) {
    const attached = await ask('iam', 'ListAttachedGroupPolicies', { GroupName });
    arns.push(...members(xmlAt(attached, 'AttachedPolicies'), 'PolicyArn'));
    const inline = await ask('iam', 'ListGroupPolicies', { GroupName });
    for (const PolicyName of members(xmlAt(inline, 'PolicyNames'))) {
      const policy = await ask('iam', 'GetGroupPolicy', { GroupName, PolicyName });
      // It comes escaped as in an address.
      documents.push(decodeURIComponent((xmlAt(policy, 'PolicyDocument')?.text ?? '').replaceAll('+', ' ')));
    }
  }
  const document = documents.length === 0 ? role.policyDocument : combined([...documents, role.policyDocument]);
  return { document, arns };
}

/** One document with the statements of all. Throws JsonError. */
export function combined(documents: readonly string[]): string {
  const statements = documents
    .filter((document) => document !== '')
    .flatMap((document): readonly JsonValue[] => {
      const statement = asObject(parse(document))?.['Statement'] ?? [];
      return asList(statement) ?? [statement];
    });
  return print(
    new Map<string, JsonValue>([
      ['Version', '2012-10-17'],
      ['Statement', statements],
    ]),
  );
}
