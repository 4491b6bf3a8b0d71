/**
 * Values for a JSON schema as OpenAPI documents have them, for property tests: mostly such as the schema
 * allows, and now and then something else, down to text that no database can hold.
 */
import fc from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const schemaOf = (value: unknown): Schema => (isSchema(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** References replaced by what they name; there are no circles. */
export function resolved(value: unknown, document: Schema): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, document));
  if (!isSchema(value)) return value;
  const { $ref } = value;
  if (typeof $ref === 'string') return resolved(targetOf($ref, document), document);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, resolved(member, document)]),
  );
}

function targetOf(reference: string, document: Schema): unknown {
  if (!reference.startsWith('#/')) throw new Error(`${reference} is no place of the document`);
  let target: unknown = document;
  for (const part of reference.slice(2).split('/')) {
    if (!isSchema(target) || !(part in target)) throw new Error(`${reference} names nothing`);
    target = target[part];
  }
  return target;
}

const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom('', '\0', 'a\0b', '\ud800', '%', `' or 1=1 --`, 'Nguye\u0302\u0303n', '٣', '￿'),
  fc.constantFrom(null, true, 0, -1, 1e21, 1.5, 2 ** 53, [], {}),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What the schema allows, and one time in fifteen something else, at any depth. */
export function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 14, arbitrary: fitting(schema) }, { weight: 1, arbitrary: nasty });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  const { anyOf, const: constant, type } = schema;
  const values = listOf(schema['enum']);
  if (values.length > 0) return fc.constantFrom(...values);
  if (constant !== undefined) return fc.constant(constant);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => arbitraryOf(schemaOf(one))));
  const types = Array.isArray(type) ? type : [type];
  return fc.oneof(...types.map((one) => ofType(String(one), schema)));
}

function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
  const number = (name: string, otherwise: number): number => {
    const value = schema[name];
    return typeof value === 'number' ? value : otherwise;
  };
  switch (type) {
    case 'string': {
      const { pattern } = schema;
      if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern, 'u'));
      const [minLength, maxLength] = [number('minLength', 0), number('maxLength', 30)];
      return fc.string({ minLength, maxLength: Math.min(maxLength, 60) });
    }
    case 'integer':
      return fc.integer({ min: number('minimum', -1000), max: number('maximum', 1000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const maxLength = Math.min(number('maxItems', 3), 3);
      return fc.array(arbitraryOf(schemaOf(schema['items'])), { maxLength });
    }
    case 'object': {
      const members = Object.entries(schemaOf(schema['properties']));
      const required = listOf(schema['required']);
      const [always, sometimes] = [true, false].map((isRequired) =>
        Object.fromEntries(
          members
            .filter(([name]) => required.includes(name) === isRequired)
            .map(([name, member]) => [name, arbitraryOf(schemaOf(member))]),
        ),
      );
      return fc
        .tuple(fc.record(always ?? {}), fc.record(sometimes ?? {}, { requiredKeys: [] }))
        .map(([one, other]) => ({ ...one, ...other }));
    }
    default:
      return nasty;
  }
}
