import { ApiProperty } from '@nestjs/swagger';
import { ACCOUNTINGS, type Accounting } from '../../engine-contract/report';
import type { EngineState } from '../engine.state';

export class ExecutionState {
  @ApiProperty({
    description: 'The `job_id` of the request.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  readonly job_id!: string;
  @ApiProperty({
    description:
      '`QUEUED` while the execution waits for a slot, otherwise `RUNNING`. The engine does not remember executions that have ended.',
    enum: ['QUEUED', 'RUNNING'],
    example: 'RUNNING',
  })
  readonly status!: 'QUEUED' | 'RUNNING';
}

export class CancelState {
  @ApiProperty({
    description: 'The `job_id` of the request.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  readonly job_id!: string;
  @ApiProperty({
    description: '`CANCELLED`: all processes of the execution have exited.',
    enum: ['CANCELLED'],
    example: 'CANCELLED',
  })
  readonly status!: 'CANCELLED';
}

export class EngineHealth implements EngineState {
  @ApiProperty({
    description: '`down` if the engine cannot execute any code.',
    enum: ['up', 'down'],
    example: 'up',
  })
  readonly status!: 'up' | 'down';
  @ApiProperty({
    description:
      'How programs are isolated: in a `bubblewrap` sandbox, or as a plain `process` without isolation. `none`: nothing is executed.',
    enum: ['bubblewrap', 'process', 'none'],
    example: 'bubblewrap',
  })
  readonly isolation!: EngineState['isolation'];
  @ApiProperty({
    description: 'The source of CPU time and memory figures; null if nothing is executed.',
    enum: [...ACCOUNTINGS, null],
    type: String,
    nullable: true,
    example: 'cgroup-v2',
  })
  readonly accounting!: Accounting | null;
  @ApiProperty({
    description: 'Number of prepared sandboxes by what is loaded in them; null if the engine prepares none.',
    type: 'object',
    additionalProperties: { type: 'integer' },
    nullable: true,
    example: { empty: 1, python: 2, javascript: 1, java: 1 },
  })
  readonly warm!: EngineState['warm'];
  @ApiProperty({
    description: 'What is wrong and the command that fixes it; null if nothing is wrong.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly warning!: string | null;

  static from(state: EngineState): EngineHealth {
    return { status: state.isolation === 'none' ? 'down' : 'up', ...state };
  }
}
