/** The file of `policy set`: `{"reaches": {"section": "national" | "sealed" | "unit"}}`. */

import { checkPolicy, type ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';

import { HubError } from '../errors.ts';

/**
 * The table of a file's text; every section that it does not name is at its ceiling. Throws
 * HUB_POLICY_INVALID with every reason.
 */
export function readPolicyFile(text: string): ReachTable {
  const checked = checkPolicy(new Map(Object.entries(reachesOf(parsed(text)))));
  if (checked.kind === 'valid') return checked.reaches;
  throw new HubError('HUB_POLICY_INVALID', { detail: checked.reasons.join('; ') });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError('HUB_POLICY_INVALID', { cause, detail: 'the file is no JSON' });
  }
}

/** Any other key is a slip that would set back what its writer meant to narrow. */
function reachesOf(document: unknown): object {
  if (isObject(document) && Object.keys(document).join() === 'reaches') {
    const [reaches] = Object.values(document);
    if (isObject(reaches)) return reaches;
  }
  throw new HubError('HUB_POLICY_INVALID', {
    detail: 'write {"reaches": {"name of a section": "sealed"}} and no other key',
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
