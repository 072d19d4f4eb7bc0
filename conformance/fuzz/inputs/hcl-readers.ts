/** What is written in HCL: policies of all kinds, configuration, profiles. */
import { HclError, parseHcl } from '../../../core/codec/hcl.ts';
import { ConfigurationError } from '../../../core/server/configuration/values.ts';
import { parseConfiguration } from '../../../core/server/configuration/configuration.ts';
import { parsePasswordPolicy, PasswordPolicyError } from '../../../core/server/passwords/policy.ts';
import { parsePolicy, PolicyError } from '../../../core/server/policy/parse.ts';
import { DocumentError, parseDocument } from '../../../core/server/profiles/document.ts';
import { text, type InputReader } from './parser.ts';

const hclWords = [
  'path',
  'capabilities',
  '=',
  '{',
  '}',
  '[',
  ']',
  '"',
  '<<EOF\n',
  'EOF\n',
  '#',
  '//',
  '/*',
  '*/',
  ',',
  '${',
  '\\',
];
const hclNested = [
  ['a {', '}'],
  ['a = [', ']'],
  ['[', ']'],
  ['{"a":', '}'],
  ['{"a":[', ']}'],
  ['a = "${', '}"'],
] as const;

const policies = [
  'path "secret/*" {\n  capabilities = ["read", "list"]\n}\npath "auth/token/create" { policy = "write" }',
  'path "secret/{{identity.entity.id}}/+/x" {\n capabilities = ["create","update","deny"]\n allowed_parameters = { "a" = ["b", 1] "*" = [] }\n denied_parameters = { "c" = [] }\n required_parameters = ["d"]\n min_wrapping_ttl = "1s"\n max_wrapping_ttl = 90\n pagination_limit = 5\n expiration = "2030-01-01T00:00:00Z"\n}',
  '{"path":{"sys/*":{"capabilities":["sudo"],"control_group":{"ttl":"4h","factor":{"a":{"identity":{"group_names":["b"],"approvals":1}}}}}}}',
  'name = "x"\n# note\npath "a" { comment = <<EOF\nb\nEOF\n capabilities = ["scan"] mfa_methods = ["m"] }',
];

const configurations = [
  'storage "raft" {\n path = "/opt"\n node_id = "a"\n retry_join { leader_api_addr = "http://127.0.0.1:8200" }\n}\nlistener "tcp" {\n address = "0.0.0.0:8200"\n tls_disable = true\n telemetry { unauthenticated_metrics_access = true }\n}\napi_addr = "https://a:8200"\nui = true\ndefault_lease_ttl = "1h"\nseal "transit" { address = "https://b" disabled = "true" }',
  'telemetry { prometheus_retention_time = "30s" disable_hostname = true usage_gauge_period = "10m" }\nuser_lockout "all" { lockout_threshold = "5" lockout_duration = "5m" }\naudit "file" "x" { options { file_path = "stdout" } }\ninitialize "a" { request "b" { operation = "update" path = "sys/audit/x" data = { type = "file" } } }',
  '{"storage":{"inmem":{}},"listener":[{"tcp":{"address":"127.0.0.1:1","cors_allowed_origins":["*"]}}],"max_lease_ttl":"10h","plugin_directory":"/a"}',
];

const documents = [
  'input { field "a" { type = "string" required = true description = "b" } }\nflow "f" { request "r" { operation = "read" path = { eval_type = "template" eval_source = "cel" template = "a" } when = true } }\noutput { data = { x = "y" } }',
];

export const hclReaders = (): InputReader[] => [
  text('HCL', {
    samples: [...policies, ...configurations],
    words: hclWords,
    nested: hclNested,
    read: parseHcl,
    refusals: [HclError],
  }),
  text('policy', {
    samples: policies,
    words: hclWords,
    nested: hclNested,
    read: parsePolicy,
    refusals: [PolicyError],
  }),
  text('configuration', {
    samples: configurations,
    words: hclWords,
    nested: hclNested,
    read: (given) => parseConfiguration(given, 'a.hcl'),
    refusals: [ConfigurationError],
  }),
  text('profile', {
    samples: documents,
    words: hclWords,
    nested: hclNested,
    read: parseDocument,
    refusals: [DocumentError],
  }),
  text('password policy', {
    samples: [
      'length = 20\nrule "charset" { charset = "abcdefghij" min-chars = 1 }\nrule "charset" { charset = "0123456789" }',
      '{"length":12,"rule":[{"charset":{"charset":"abc","min-chars":2}}]}',
    ],
    words: ['length', 'rule', '"charset"', 'min-chars', ...hclWords],
    nested: hclNested,
    read: parsePasswordPolicy,
    refusals: [PasswordPolicyError],
  }),
];
