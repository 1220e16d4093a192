import { REGION } from '../support/aws';
import { type Storage, openStorage, provisionStorage, storageSettings } from './storage';

/** moto's default account. */
const ACCOUNT = '123456789012';
const USER = 'gateway';

export interface AllowStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A storage that an IAM user accesses. */
export interface IamStorage {
  readonly storage: Storage;
  readonly bucketArn: string;
  readonly tableArn: string;
  readonly queueArn: string;
  /** Replaces the user's policy. */
  allow(statements: readonly AllowStatement[]): Promise<void>;
}

/** Creates bucket, table, queue and user, and makes the user's credentials those of this process. */
export async function createIamStorage(name: string): Promise<IamStorage> {
  const url = process.env['AWS_TEST_IAM_URL'] ?? '';
  const endpoints = {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SQS: url,
  };
  await enforcePolicies(url, false);
  await provisionStorage(storageSettings(name, endpoints));
  await callIam(url, { Action: 'CreateUser', UserName: USER });
  const key = await callIam(url, { Action: 'CreateAccessKey', UserName: USER });
  process.env['AWS_ACCESS_KEY_ID'] = elementText(key, 'AccessKeyId');
  process.env['AWS_SECRET_ACCESS_KEY'] = elementText(key, 'SecretAccessKey');
  return {
    storage: openStorage(name, endpoints),
    bucketArn: `arn:aws:s3:::${name}`,
    tableArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
    queueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    allow: async (Statement) => {
      await enforcePolicies(url, false);
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await callIam(url, { Action: 'PutUserPolicy', UserName: USER, PolicyName: 'gateway', PolicyDocument });
      await enforcePolicies(url, true);
    },
  };
}

/** moto allows a given number of further calls before it evaluates policies. */
async function enforcePolicies(url: string, isEnforced: boolean): Promise<void> {
  const { ok } = await fetch(`${url}/moto-api/reset-auth`, {
    method: 'POST',
    body: isEnforced ? '0' : 'inf',
  });
  if (!ok) throw new Error('moto failed to reset its authorization');
}

async function callIam(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    // Without a signature: moto reads only the name of the service.
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=admin/20260101/us-east-1/iam/aws4_request, x` },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`IAM rejected ${parameters['Action'] ?? ''}: ${text}`);
  return text;
}

const elementText = (xml: string, name: string): string =>
  new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
