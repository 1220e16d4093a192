import { ApiProperty } from '@nestjs/swagger';

const DETAILS = {
  type: 'object' as const,
  additionalProperties: {
    type: 'object',
    required: ['status', 'latency_ms'],
    properties: {
      status: { description: '`up` or `down`.', type: 'string', enum: ['up', 'down'], example: 'up' },
      latency_ms: {
        description: 'The time in ms until the dependency responded or the check timed out.',
        type: 'number',
        example: 0.2,
      },
      message: {
        description: 'Why the dependency is down.',
        type: 'string',
        example: 'The engine cannot be reached.',
      },
    },
    additionalProperties: true,
  },
};
const STORAGE_UP = { status: 'up', latency_ms: 0.2, backend: 'embedded' };
const ENGINE_UP = { status: 'up', latency_ms: 0.1, isolation: 'bubblewrap', accounting: 'cgroup-v2' };

export class HealthResponse {
  @ApiProperty({
    description: '`ok`, `error` when a dependency is down, or `shutting_down`.',
    enum: ['ok', 'error', 'shutting_down'],
    example: 'ok',
  })
  readonly status!: string;
  @ApiProperty({
    ...DETAILS,
    description:
      'The dependencies that are up: `engine` and `storage`, or on AWS `dynamodb`, `s3` and `sqs`.',
    example: { storage: STORAGE_UP, engine: ENGINE_UP },
  })
  readonly info!: object;
  @ApiProperty({ ...DETAILS, description: 'The dependencies that are down.', example: {} })
  readonly error!: object;
  @ApiProperty({
    ...DETAILS,
    description: 'All dependencies.',
    example: { storage: STORAGE_UP, engine: ENGINE_UP },
  })
  readonly details!: object;
}

const ENGINE_DOWN = { status: 'down', latency_ms: 3000, message: 'The engine cannot be reached.' };
export const UNHEALTHY_EXAMPLE: HealthResponse = {
  status: 'error',
  info: { storage: STORAGE_UP },
  error: { engine: ENGINE_DOWN },
  details: { storage: STORAGE_UP, engine: ENGINE_DOWN },
};

export class LiveResponse {
  @ApiProperty({ description: 'The process responds.', enum: ['ok'], example: 'ok' })
  readonly status!: 'ok';
}

export class ServiceResponse {
  @ApiProperty({ description: 'The name of the service.', example: 'service-server' })
  readonly service!: string;
  @ApiProperty({ description: 'The version of the service.', example: '0.1.0' })
  readonly version!: string;
  @ApiProperty({ description: 'The process responds.', enum: ['running'], example: 'running' })
  readonly status!: 'running';
  @ApiProperty({
    description: 'The value of the setting ENVIRONMENT.',
    enum: ['development', 'test', 'staging', 'production'],
    example: 'development',
  })
  readonly environment!: string;
  @ApiProperty({
    description: 'The URL of the API documentation (Swagger UI).',
    example: 'http://localhost:8000/docs',
  })
  readonly docs!: string;
  @ApiProperty({
    description: 'The URL of the OpenAPI document.',
    example: 'http://localhost:8000/openapi.json',
  })
  readonly openapi!: string;
  @ApiProperty({ description: 'The URL of the list of problems.', example: 'http://localhost:8000/problems' })
  readonly problems!: string;
  @ApiProperty({
    description: 'The URL of the state of the dependencies.',
    example: 'http://localhost:8000/api/health',
  })
  readonly health!: string;
}
