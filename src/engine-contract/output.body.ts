/** Output fields in snake case, as jobs, compile reports and the engine's contract all have them. */
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsString, Min } from 'class-validator';
import { IsNullable } from '../common/validation/fields';

/** How much of each stream an answer carries, in bytes of UTF-8. */
export const PREVIEW_BYTES = 64 * 1024;

export class OutputBody {
  @ApiProperty({ description: 'The first 64 KiB that were written to standard output.', example: 'hello\n' })
  @IsString()
  readonly stdout!: string;

  @ApiProperty({ description: 'The first 64 KiB that were written to standard error.', example: '' })
  @IsString()
  readonly stderr!: string;

  @ApiProperty({ description: 'Bytes that were written to standard output.', example: 6, type: 'integer' })
  @IsInt()
  @Min(0)
  readonly stdout_bytes!: number;

  @ApiProperty({ description: 'Bytes that were written to standard error.', example: 0, type: 'integer' })
  @IsInt()
  @Min(0)
  readonly stderr_bytes!: number;

  @ApiProperty({ description: 'Whether stdout is only the beginning.', example: false })
  @IsBoolean()
  readonly stdout_truncated!: boolean;

  @ApiProperty({ description: 'Whether stderr is only the beginning.', example: false })
  @IsBoolean()
  readonly stderr_truncated!: boolean;
}

/** Output, and what ended the process that wrote it. */
export class EndedBody extends OutputBody {
  @ApiProperty({ description: 'Null when a signal ended it.', type: 'integer', nullable: true, example: 0 })
  @IsNullable()
  @IsInt()
  readonly exit_code!: number | null;

  @ApiProperty({ description: 'The signal that ended it.', type: String, nullable: true, example: null })
  @IsNullable()
  @IsString()
  readonly signal!: string | null;
}
