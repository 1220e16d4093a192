import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { Api, type JobBody } from './api';
import { withS3 } from './aws';
import type { StartGateway } from './gateway-handle';

const UPLOADS = 'uploads/';

const parseUrls = (list = ''): string[] =>
  list
    .split(',')
    .map((url) => url.trim().replace(/\/+$/, ''))
    .filter((url) => url !== '');

/** Lists page by page, because the objects of all earlier tests are there. */
const uploads = (): Promise<string[]> =>
  withS3(async (client) => {
    const keys: string[] = [];
    const bucket = { Bucket: process.env['TARGET_BUCKET'], Prefix: UPLOADS };
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, bucket)) {
      keys.push(...Contents.map(({ Key = '' }) => Key.slice(UPLOADS.length)));
    }
    return keys;
  });

/**
 * Connects to the service at the addresses in TARGET_URLS, which stores its code in the bucket TARGET_BUCKET on AWS_TEST_S3_URL.
 * @throws Error if the suite needs settings, or access to the process: the service runs elsewhere with its own settings
 */
export const connectToRunningService: StartGateway = async (overrides = {}) => {
  const [first, ...others] = parseUrls(process.env['TARGET_URLS']);
  if (first === undefined) throw new Error('TARGET_URLS names no address');
  const throwUnavailable = (what: string): never => {
    throw new Error(`The service at ${first} runs elsewhere: its ${what} cannot be reached`);
  };
  const names = Object.keys(overrides);
  if (names.length > 0) throwUnavailable(`settings ${names.join(', ')}`);
  const { body } = await new Api(first).get<{ jobs: JobBody[] }>('/api/jobs?limit=1');
  return {
    api: new Api(first, others),
    apis: [first, ...others].map((url) => new Api(url)),
    backend: 'aws',
    environment: process.env['TARGET_ENVIRONMENT'] ?? 'development',
    get app() {
      return throwUnavailable('application');
    },
    get dataDir() {
      return throwUnavailable('data directory');
    },
    uploads,
    newestBefore: body.jobs[0]?.job_id,
    close: () => Promise.resolve(),
  };
};
