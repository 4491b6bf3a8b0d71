/** The contract of the packet gateway, for the OpenAPI document. */
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { Type, type TSchema } from 'typebox';

import { idMax } from '../../packet/header.ts';
import { treeActions, unitMembers } from '../../packet/read-tree.ts';
import {
  actionsOf,
  type Block,
  blocksOf,
  keyMember,
  type MemberField,
  type Service,
  services,
} from '../../packet/structure.ts';

const fault = Type.Object({
  field: Type.String({
    description: 'path in the packet, such as LUONG_PHUCAP_CHUCVU.DS_QUATRINH_LUONG[1].HeSoLuong',
  }),
  code: Type.String(),
  vi: Type.String(),
  en: Type.String(),
});

const reply = Type.Object({
  message: Type.String(),
  err_code: Type.Integer({ minimum: 0, maximum: 1, description: '0 taken, 1 refused' }),
  transaction_id: Type.String(),
  state: Type.Enum(['published', 'unchanged', 'waiting', 'refused']),
  etag: Type.Union([Type.String(), Type.Null()], {
    description: 'the record as the packet left it: send it as Data.Header.Version_Seen',
  }),
  errors: Type.Array(fault),
  warnings: Type.Array(fault),
});

const bodyOf = (content: object): object =>
  Type.Object({
    org_Code: Type.String({ description: 'code of the sending unit, either order of its levels' }),
    jsonContent: Type.String({
      description: 'base64 of the packet as JSON in UTF-8',
      contentEncoding: 'base64',
      contentMediaType: 'application/json',
      contentSchema: content,
    }),
  });

const header = Type.Object({
  Sender_Code: Type.Optional(Type.String()),
  Action_Type: Type.String(),
  Transaction_ID: Type.Optional(Type.String({ maxLength: idMax })),
  Version_Seen: Type.Optional(Type.String({ description: 'etag of an earlier reply' })),
  Created_At: Type.Optional(Type.String({ description: 'when the packet was made' })),
});

const text = (field: Field): TSchema => Type.Optional(Type.String({ description: field.vi }));

const objectOf = (fields: readonly MemberField[], more: Record<string, TSchema> = {}): TSchema =>
  Type.Object({
    ...Object.fromEntries(fields.map(({ member, field }) => [member, text(field)])),
    ...more,
  });

/** The members of a block by name, each with its label. */
function membersOf({ name, fields, lists, told }: Block): Record<string, TSchema> {
  const arrays = lists.map((list): [string, TSchema] => [
    list.member,
    Type.Optional(Type.Array(objectOf(list.fields), { description: list.section.vi })),
  ]);
  const repeated = told.map((member): [string, TSchema] => [member, Type.Optional(Type.String())]);
  const inside = Object.fromEntries([...repeated, ...arrays]);
  return name === '' ? inside : { [name]: Type.Optional(objectOf(fields, inside)) };
}

function contentOf(service: Service | undefined): TSchema {
  const body =
    service === undefined
      ? Type.Object({
          DS_DONVI: Type.Array(
            Type.Object(
              Object.fromEntries(unitMembers.map(([member, field]) => [member, text(field)])),
            ),
          ),
        })
      : Type.Object({
          HOSO_CBCCVC: Type.Object({
            [keyMember]: Type.String(),
            ...Object.assign({}, ...blocksOf(service).map(membersOf)),
          }),
        });
  return Type.Object({ Data: Type.Object({ Header: header, Body: body }) });
}

const problem = (description: string): object => ({
  description,
  content: {
    'application/problem+json': {
      schema: Type.Object({
        type: Type.String(),
        title: Type.String(),
        status: Type.Integer(),
        detail: Type.String(),
        code: Type.String(),
      }),
    },
  },
});

const refusals = {
  401: problem('No key in force was shown.'),
  403: problem('The key lacks the scope of packets.'),
  413: problem('The packet is too large.'),
  415: problem('The body is no JSON.'),
  429: problem('The key sends too often: Retry-After says when to go on.'),
  503: problem('The node is busy: send the same packet again after Retry-After.'),
};

const contents: Readonly<Record<string, string>> = {
  M0001: 'whole profile',
  M0002: 'recruitment and work history (TUYENDUNG_QT_CONGTAC)',
  M0003: 'salary, allowances, position (LUONG_PHUCAP_CHUCVU)',
  M0004: 'education and training (TRINHDO_DAOTAO_BOIDUONG)',
  M0005: 'Party membership (THONGTIN_KHAC)',
  M0006: 'evaluations (DS_KETQUA_DANHGIA_PHANLOAI)',
  T0001: 'units of the organisation tree (DS_DONVI); the official path is not known',
};

export function packetSchema(name: string, { hide }: { readonly hide: boolean }): object {
  const service = services.find((one) => one === name);
  const actions = service === undefined ? treeActions : actionsOf(service);
  return {
    hide,
    tags: ['packets'],
    summary: `${name}: ${contents[name] ?? ''}`,
    description: `Action_Type: ${actions.join(', ')}. Refused packets are answered with 200 and err_code 1.`,
    security: [{ key: [] }],
    headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ maxLength: idMax })) }),
    body: bodyOf(contentOf(service)),
    response: {
      200: {
        description: 'The packet was taken or refused, as it says.',
        content: { 'application/json': { schema: reply } },
      },
      ...refusals,
    },
  };
}
