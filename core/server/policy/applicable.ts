/** The rules of a policy that hold for one subject at one time: templates filled in, expired paths left out. */
import type { ParsedPolicy } from './parse.ts';
import { shapeOf } from './parse.ts';
import type { PathRule } from './rules.ts';
import type { TemplateSubject } from './template.ts';
import { TemplateError, fillTemplate, isTemplated } from './template.ts';

export interface Applicable {
  readonly paths: readonly PathRule[];
  /** Wall micros of the first expiry among them. */
  readonly validUntil: number;
}

export function applicableRules(policy: ParsedPolicy, subject: TemplateSubject, now: number): Applicable {
  let validUntil = Number.MAX_SAFE_INTEGER;
  const paths: PathRule[] = [];
  for (const rule of policy.paths) {
    if (rule.expiration !== 0) {
      if (rule.expiration <= now) continue;
      validUntil = Math.min(validUntil, rule.expiration);
    }
    if (!policy.templated || !isTemplated(rule.path)) {
      paths.push(rule);
      continue;
    }
    try {
      // A glob at the end is the policy's own; it must not be mistaken for part of a value.
      const filled = fillTemplate(rule.prefix ? `${rule.path}*` : rule.path, subject);
      paths.push({ ...rule, ...shapeOf(filled) });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return { paths, validUntil };
}
