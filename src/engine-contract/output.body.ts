import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsString, Min } from 'class-validator';
import { IsNullable } from '../common/validation/fields';

/** The largest part of each stream in a response, in bytes of UTF-8. */
export const PREVIEW_BYTES = 64 * 1024;

export class OutputBody {
  @ApiProperty({ description: 'The first 64 KiB of standard output.', example: 'hello\n' })
  @IsString()
  readonly stdout!: string;

  @ApiProperty({ description: 'The first 64 KiB of standard error.', example: '' })
  @IsString()
  readonly stderr!: string;

  @ApiProperty({ description: 'Total bytes of standard output.', example: 6, type: 'integer' })
  @IsInt()
  @Min(0)
  readonly stdout_bytes!: number;

  @ApiProperty({ description: 'Total bytes of standard error.', example: 0, type: 'integer' })
  @IsInt()
  @Min(0)
  readonly stderr_bytes!: number;

  @ApiProperty({ description: 'Whether `stdout` is only the first part.', example: false })
  @IsBoolean()
  readonly stdout_truncated!: boolean;

  @ApiProperty({ description: 'Whether `stderr` is only the first part.', example: false })
  @IsBoolean()
  readonly stderr_truncated!: boolean;
}

/** The output of a process that has ended, and how it ended. */
export class EndedBody extends OutputBody {
  @ApiProperty({
    description: 'The exit code; null when a signal ended the process.',
    type: 'integer',
    nullable: true,
    example: 0,
  })
  @IsNullable()
  @IsInt()
  readonly exit_code!: number | null;

  @ApiProperty({
    description: 'The signal that ended the process; null when none did.',
    type: String,
    nullable: true,
    example: null,
  })
  @IsNullable()
  @IsString()
  readonly signal!: string | null;
}
