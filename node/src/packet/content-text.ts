/**
 * What makes two packets the same: the service, the action and the body. The header is left out, since
 * a program that sends again may give another time or another id.
 */
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import { memberOf } from './members.ts';
import { canonicalText, type JsonObject } from './parse-json.ts';

export function contentText(service: string, content: JsonObject): string {
  const data = memberOf(content, 'Data');
  if (data?.kind !== 'object') return `${service}\n\n${canonicalText(content)}`;
  const header = memberOf(data, 'Header');
  const action = header?.kind === 'object' ? memberOf(header, 'Action_Type') : undefined;
  const body = memberOf(data, 'Body') ?? data;
  const named = action?.kind === 'text' ? tidyText(action.text).toUpperCase() : '';
  return `${service}\n${named}\n${canonicalText(body)}`;
}
