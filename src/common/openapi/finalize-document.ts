import type { OpenAPIObject } from '@nestjs/swagger';
import { NoBody } from '../validation/no-query';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schema = Extract<
  NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string],
  { type?: unknown }
>;

/**
 * Adds to a generated OpenAPI document what decorators cannot express.
 * @param order the paths in reading order; Nest generates them in the order of the modules
 */
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
    // States explicitly that no operation needs authentication.
    security: [],
  };
}

/** Sets the maximum of a property that depends on a setting, which is unknown when decorators run. */
export function setPropertyMaximum(
  { components }: OpenAPIObject,
  schema: string,
  property: string,
  maximum: number,
): void {
  const found = components?.schemas?.[schema] as Schema | undefined;
  Object.assign(found?.properties?.[property] ?? {}, { maximum });
}

/** Documents that unknown fields are rejected, and removes the body of operations that have no fields. */
function finalizeRequestBody(operation: Operation, schemas: Readonly<Record<string, Schema>>): void {
  const body = operation.requestBody;
  const schema = body && 'content' in body ? body.content['application/json']?.schema : undefined;
  const name = schema && '$ref' in schema ? schema.$ref.split('/').at(-1) : undefined;
  if (name === NoBody.name) delete operation.requestBody;
  else Object.assign(schemas[name ?? ''] ?? {}, { additionalProperties: false });
}

/** Sets the `instance` of problem examples to the path of their operation. */
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

/** Converts `nullable`, which the decorators generate, to the type `null` of OpenAPI 3.1 and JSON Schema. */
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
