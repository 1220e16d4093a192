/** The expressions of DynamoDB's calls, with every name and value by placeholder: `status` and others are reserved words. */
import type { From, JobFilter } from '../../jobs/job.repository';
import type { Attributes } from './job-item';
import { BUCKET, PARTITION_KEY } from './table';

/** Gathers the placeholders of one call. */
class Placeholders {
  readonly ExpressionAttributeNames: Record<string, string> = {};
  readonly ExpressionAttributeValues: Record<string, unknown> = {};

  name(attribute: string): string {
    this.ExpressionAttributeNames[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  value(name: string, value: unknown): string {
    this.ExpressionAttributeValues[`:${name}`] = value;
    return `:${name}`;
  }

  equals(attribute: string, value: unknown, name = attribute): string {
    return `${this.name(attribute)} = ${this.value(name, value)}`;
  }

  /** As properties of a call. */
  get all(): Pick<Placeholders, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
    const { ExpressionAttributeNames, ExpressionAttributeValues } = this;
    return { ExpressionAttributeNames, ExpressionAttributeValues };
  }
}

/** The update of a transition: sets the attributes of the state, and removes those that are null. */
export function transitionExpressions(from: From, to: Attributes) {
  const use = new Placeholders();
  const entries = Object.entries(to);
  const set = entries.filter(([, value]) => value !== null).map(([name, value]) => use.equals(name, value));
  const removed = entries.filter(([, value]) => value === null).map(([name]) => use.name(name));
  const statuses = from.statuses.map((status, index) => use.value(`from_status_${index.toString()}`, status));
  const conditions = [
    use.equals('attempt', from.attempt, 'from_attempt'),
    `${use.name('status')} IN (${statuses.join(', ')})`,
    ...fenceCondition(use, from.fence),
  ];
  return {
    UpdateExpression: `SET ${set.join(', ')}${removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : ''}`,
    ConditionExpression: conditions.join(' AND '),
    ...use.all,
  };
}

function fenceCondition(use: Placeholders, fence: From['fence']): string[] {
  if (fence === undefined) return [];
  if (fence === null) return [`attribute_not_exists(${use.name('fence')})`];
  return [use.equals('fence', fence, 'from_fence')];
}

/** One bucket of the index, newest first. */
export function listExpressions(bucket: number, filter: JobFilter, after: string | undefined) {
  const use = new Placeholders();
  const keys = [use.equals(BUCKET, bucket)];
  if (after !== undefined) keys.push(`${use.name(PARTITION_KEY)} < ${use.value('after', after)}`);
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = given.map(([name, value]) => use.equals(name, value));
  return {
    KeyConditionExpression: keys.join(' AND '),
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
    ScanIndexForward: false,
    ...use.all,
  };
}
