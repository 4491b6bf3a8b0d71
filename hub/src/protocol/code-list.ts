/**
 * Whether a code list may be published: the next version of the one in force, with everything in it
 * that was there, closed at most.
 */
import type { CodeList } from '@lienthong/shared-schema/code-lists/code-list.ts';
import {
  codeListChanges,
  type CodeListChanges,
  isSameList,
  successionFaults,
} from '@lienthong/shared-schema/code-lists/compare-code-lists.ts';

export type CodeListStep =
  /** It is in force as it is. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }
  | { readonly kind: 'new'; readonly changes: CodeListChanges };

/**
 * `inForce` is undefined where there is no list of the name yet. A version that says the same as the
 * one in force may be published: after a restore of the hub, or where it only came with the software,
 * it then reaches every unit.
 */
export function nextCodeList(inForce: CodeList | undefined, wanted: CodeList): CodeListStep {
  const before = inForce ?? { ...wanted, version: 0, entries: [] };
  if (wanted.version === before.version && isSameList(before, wanted)) return { kind: 'unchanged' };
  const next = before.version + 1;
  const faults = [
    ...(wanted.version === next
      ? []
      : [`version ${before.version} is in force: the next one is "version": ${next}`]),
    ...successionFaults(before, wanted),
  ];
  return faults.length > 0
    ? { kind: 'faulty', faults }
    : { kind: 'new', changes: codeListChanges(inForce, wanted) };
}
