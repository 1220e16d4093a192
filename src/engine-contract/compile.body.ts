/** A compilation in snake case, as the public API and the engine's contract both have it. */
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { EndedBody } from './output.body';
import type { CompileReport } from './report';
import { ResourceBody } from './resource.body';
import { toSnakeCase } from './snake-case';

export class CompileBody extends EndedBody {
  @ApiProperty({ description: 'What the compiler used.', type: ResourceBody })
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody;

  static from(report: CompileReport): CompileBody {
    return toSnakeCase(report);
  }
}
