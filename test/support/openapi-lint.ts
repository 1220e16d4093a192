import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenApi } from './openapi';

/** Runs the OpenAPI linter of Redocly offline. @returns one line per problem */
export async function lintOpenApi(document: OpenApi): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'service-server-openapi-'));
  try {
    const file = join(directory, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const root = join(__dirname, '../..');
    const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');
    const output = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        [cli, 'lint', file, '--config', join(root, 'redocly.yaml'), '--format', 'json'],
        { env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
        (_error, stdout) => {
          resolve(stdout);
        },
      );
    });
    const { problems } = JSON.parse(output) as { problems: { ruleId: string; message: string }[] };
    return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
