import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const TEMPLATE = join(__dirname, '../../deploy/cloudformation.yaml');
/** The region that the template is meant for, and the region that gets new AWS features first. */
const REGIONS = ['ap-northeast-2', 'us-east-1'];
const LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())';
const READ =
  'import json, sys; from cfnlint.decode import cfn_yaml; print(json.dumps(cfn_yaml.load(sys.argv[1])))';

export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly AllowedValues?: readonly string[] }>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>> & {
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

/** @returns the findings of cfn-lint; empty for a valid template */
export function lintTemplate(): string {
  try {
    return python(LINT, '--regions', ...REGIONS, '--template', TEMPLATE);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Expands tags to their long form, such as `Fn::GetAtt`. */
export const readTemplate = (): Template => JSON.parse(python(READ, TEMPLATE)) as Template;

function python(script: string, ...args: string[]): string {
  const { AWS_TEST_PYTHON = 'python3', AWS_TEST_PYTHON_PACKAGES } = process.env;
  return execFileSync(AWS_TEST_PYTHON, ['-c', script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: AWS_TEST_PYTHON_PACKAGES },
  });
}
