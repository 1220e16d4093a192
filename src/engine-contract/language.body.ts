/** A language as the public API and the engine's contract both have it. */
import { ApiProperty } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsString } from 'class-validator';
import type { Language } from './language';
import { IsNullable } from '../common/validation/fields';

export class LanguageBody implements Language {
  @ApiProperty({ description: 'The canonical id.', example: 'python' })
  @IsString()
  readonly id!: string;

  @ApiProperty({ description: 'For people.', example: 'Python' })
  @IsString()
  readonly name!: string;

  @ApiProperty({
    description: 'Other names that an upload may use, in any case.',
    example: ['py', 'python3'],
    type: [String],
  })
  @IsArray()
  @IsString({ each: true })
  readonly aliases!: readonly string[];

  @ApiProperty({ description: 'Of the file that is kept.', example: 'py' })
  @IsString()
  readonly extension!: string;

  @ApiProperty({
    description: 'Null where it is not installed.',
    example: '3.11.2',
    type: String,
    nullable: true,
  })
  @IsNullable()
  @IsString()
  readonly version!: string | null;

  @ApiProperty({ description: 'Whether an execution compiles first.', example: false })
  @IsBoolean()
  readonly compiled!: boolean;

  @ApiProperty({ description: 'Whether it can be executed here.', example: true })
  @IsBoolean()
  readonly available!: boolean;

  @ApiProperty({
    description: 'What to know before executing it, such as a missing sandbox; null when all is well.',
    example: null,
    type: String,
    nullable: true,
  })
  @IsNullable()
  @IsString()
  readonly warning!: string | null;
}
