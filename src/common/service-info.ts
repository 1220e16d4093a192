/** The name and the version of this service, from its package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two folders up from here both in `src` and in `dist`. */
const { name, version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  name: string;
  version: string;
};
export const SERVICE_NAME = name;
export const SERVICE_VERSION = version;
