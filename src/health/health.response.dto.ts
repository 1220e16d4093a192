/** The state of the service, its dependencies, and the service itself, as answers. */
import { ApiProperty } from '@nestjs/swagger';

const DETAILS = {
  type: 'object' as const,
  additionalProperties: {
    type: 'object',
    required: ['status', 'latency_ms'],
    properties: {
      status: { description: '`up` or `down`.', type: 'string', enum: ['up', 'down'], example: 'up' },
      latency_ms: { description: 'ms until it answered, or was given up.', type: 'number', example: 0.2 },
      message: { description: 'What is wrong.', type: 'string', example: 'The engine cannot be reached.' },
    },
    additionalProperties: true,
  },
};
const STORAGE_UP = { status: 'up', latency_ms: 0.2, backend: 'embedded' };
const ENGINE_UP = { status: 'up', latency_ms: 0.1, isolation: 'bubblewrap', accounting: 'cgroup-v2' };

export class HealthResponse {
  @ApiProperty({
    description: '`ok`, or `error` when a dependency is down.',
    enum: ['ok', 'error', 'shutting_down'],
    example: 'ok',
  })
  readonly status!: string;
  @ApiProperty({
    ...DETAILS,
    description: 'The dependencies that are up: `storage`, on AWS `dynamodb`, `s3` and `sqs`; and `engine`.',
    example: { storage: STORAGE_UP, engine: ENGINE_UP },
  })
  readonly info!: object;
  @ApiProperty({ ...DETAILS, description: 'Those that are down.', example: {} })
  readonly error!: object;
  @ApiProperty({
    ...DETAILS,
    description: 'All of them.',
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
  @ApiProperty({ description: 'This process answers.', enum: ['ok'], example: 'ok' })
  readonly status!: 'ok';
}

export class ServiceResponse {
  @ApiProperty({ description: 'The name.', example: 'service-server' })
  readonly service!: string;
  @ApiProperty({ description: 'The version.', example: '0.1.0' })
  readonly version!: string;
  @ApiProperty({ description: 'This process answers.', enum: ['running'], example: 'running' })
  readonly status!: 'running';
  @ApiProperty({
    description: 'As configured.',
    enum: ['development', 'test', 'staging', 'production'],
    example: 'development',
  })
  readonly environment!: string;
  @ApiProperty({ description: 'Swagger UI.', example: 'http://localhost:8000/docs' })
  readonly docs!: string;
  @ApiProperty({ description: 'The OpenAPI document.', example: 'http://localhost:8000/openapi.json' })
  readonly openapi!: string;
  @ApiProperty({ description: 'The catalogue of problems.', example: 'http://localhost:8000/problems' })
  readonly problems!: string;
  @ApiProperty({ description: 'The state of the dependencies.', example: 'http://localhost:8000/api/health' })
  readonly health!: string;
}
