import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNumber, Min } from 'class-validator';
import { ACCOUNTINGS, type Accounting, type Resource } from './report';
import { toSnakeCase } from './snake-case';

/** Resource usage, in the public API and in the API of the engine. */
export class ResourceBody {
  @ApiProperty({ description: 'Wall time of the program, in ms.', example: 12.4 })
  @IsNumber()
  @Min(0)
  readonly execution_time_ms!: number;

  @ApiProperty({
    description: 'User and system time of the program and its child processes, in ms.',
    example: 9.8,
  })
  @IsNumber()
  @Min(0)
  readonly cpu_time_ms!: number;

  @ApiProperty({
    description: 'CPU time as a percentage of wall time; over 100 when several cores were used.',
    example: 79,
  })
  @IsNumber()
  @Min(0)
  readonly cpu_percent!: number;

  @ApiProperty({
    description: 'Peak memory of the program, its child processes and the files that they wrote, in MiB.',
    example: 9.1,
  })
  @IsNumber()
  @Min(0)
  readonly memory_mb!: number;

  @ApiProperty({
    description:
      'How the usage is measured: with a control group of the run, or with the resource usage of its exited processes (`rusage`). With `rusage`, `memory_mb` is the larger of the peak of the largest process and the largest sampled sum of all processes.',
    enum: ACCOUNTINGS,
    example: 'cgroup-v2',
  })
  @IsIn(ACCOUNTINGS)
  readonly accounting!: Accounting;

  static from(resource: Resource): ResourceBody {
    return toSnakeCase(resource);
  }
}
