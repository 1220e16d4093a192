/** Says in the OpenAPI document what decorators cannot say. */
import type { OpenAPIObject } from '@nestjs/swagger';
import { NoBody } from '../validation/no-query';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schema = Extract<
  NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string],
  { type?: unknown }
>;

/** @param order the paths in the order in which a newcomer needs them; controllers come in that of their modules */
export function finalizeDocument(generated: OpenAPIObject, order: readonly string[]): OpenAPIObject {
  const document = nullableToTypeNull(generated) as OpenAPIObject;
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  for (const [path, { get, post }] of Object.entries(document.paths)) {
    for (const operation of [get, post]) {
      if (!operation) continue;
      finalizeRequestBody(operation, schemas);
      setProblemInstances(operation, path);
    }
  }
  return {
    ...document,
    paths: sortPaths(document.paths, order),
    components: { ...document.components, schemas: omitKey(schemas, NoBody.name) },
    // Anyone may call: said outright, so that it does not look forgotten.
    security: [],
  };
}

/** Tells the maximum of a property that is a setting, which a decorator cannot know. */
export function setPropertyMaximum(
  { components }: OpenAPIObject,
  schema: string,
  property: string,
  maximum: number,
): void {
  const found = components?.schemas?.[schema] as Schema | undefined;
  Object.assign(found?.properties?.[property] ?? {}, { maximum });
}

/** Unknown fields are refused, and where no field is known there is no body to ask for. */
function finalizeRequestBody(operation: Operation, schemas: Readonly<Record<string, Schema>>): void {
  const body = operation.requestBody;
  const schema = body && 'content' in body ? body.content['application/json']?.schema : undefined;
  const name = schema && '$ref' in schema ? schema.$ref.split('/').at(-1) : undefined;
  if (name === NoBody.name) delete operation.requestBody;
  else Object.assign(schemas[name ?? ''] ?? {}, { additionalProperties: false });
}

/** A problem's example tells the path of its own operation. */
function setProblemInstances(operation: Operation, path: string): void {
  const instance = path.replace('{job_id}', EXAMPLE_ID).replace('{code}', 'no-such-code');
  for (const response of Object.values(operation.responses)) {
    const content = response && 'content' in response ? response.content : undefined;
    for (const example of Object.values(content?.['application/problem+json']?.examples ?? {})) {
      if ('value' in example) Object.assign(example.value as object, { instance });
    }
  }
}

const EXAMPLE_ID = '01935d2e-7c1a-7000-8000-000000000000';

/** OpenAPI 3.1 has no `nullable`, which is all that decorators know: null is a type there, as in JSON Schema. */
function nullableToTypeNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nullableToTypeNull);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, nullableToTypeNull(member)]),
  );
  if (nullable !== true) return rest;
  if (Array.isArray(rest['oneOf'])) return { ...rest, oneOf: [...(rest['oneOf'] as unknown[]), NULL] };
  return { ...rest, type: [rest['type'], NULL.type] };
}

const NULL = { type: 'null' };

function sortPaths(paths: OpenAPIObject['paths'], order: readonly string[]): OpenAPIObject['paths'] {
  const rank = (path: string): number => (order.includes(path) ? order.indexOf(path) : order.length);
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => rank(a) - rank(b)));
}

const omitKey = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
