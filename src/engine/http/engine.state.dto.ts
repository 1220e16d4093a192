/** The state of executions and of the engine, as answers. */
import { ApiProperty } from '@nestjs/swagger';
import { ACCOUNTINGS, type Accounting } from '../../engine-contract/report';
import type { EngineState } from '../engine.state';

export class ExecutionState {
  @ApiProperty({ description: 'As in the request.', example: '01935d2e-7c1a-7000-8000-000000000000' })
  readonly job_id!: string;
  @ApiProperty({
    description: 'Executions that have ended are not kept.',
    enum: ['QUEUED', 'RUNNING'],
    example: 'RUNNING',
  })
  readonly status!: 'QUEUED' | 'RUNNING';
}

export class CancelState {
  @ApiProperty({ description: 'As in the request.', example: '01935d2e-7c1a-7000-8000-000000000000' })
  readonly job_id!: string;
  @ApiProperty({ description: 'The whole process tree is gone.', enum: ['CANCELLED'], example: 'CANCELLED' })
  readonly status!: 'CANCELLED';
}

export class EngineHealth implements EngineState {
  @ApiProperty({ description: '`down` when nothing can be executed.', enum: ['up', 'down'], example: 'up' })
  readonly status!: 'up' | 'down';
  @ApiProperty({
    description: 'What programs run in.',
    enum: ['bubblewrap', 'process', 'none'],
    example: 'bubblewrap',
  })
  readonly isolation!: EngineState['isolation'];
  @ApiProperty({
    description: 'Where figures come from.',
    enum: [...ACCOUNTINGS, null],
    type: String,
    nullable: true,
    example: 'cgroup-v2',
  })
  readonly accounting!: Accounting | null;
  @ApiProperty({
    description: 'How many sandboxes wait for a program, by what is loaded in them.',
    type: 'object',
    additionalProperties: { type: 'integer' },
    nullable: true,
    example: { empty: 1, python: 2, javascript: 1, java: 1 },
  })
  readonly warm!: EngineState['warm'];
  @ApiProperty({
    description: 'What is wrong, with the command that helps.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly warning!: string | null;

  static from(state: EngineState): EngineHealth {
    return { status: state.isolation === 'none' ? 'down' : 'up', ...state };
  }
}
