import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** package.json is two folders up both in `src` and in `dist`. */
const { name, version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  name: string;
  version: string;
};
export const SERVICE_NAME = name;
export const SERVICE_VERSION = version;
