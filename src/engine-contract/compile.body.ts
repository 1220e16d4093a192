/** A compilation in snake case, as the public API and the engine's contract both have it. */
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { EndedBody, OutputBody } from './output.body';
import type { CompileReport } from './report';
import { ResourceBody } from './resource.body';

export class CompileBody extends EndedBody {
  @ApiProperty({ description: 'What the compiler used.', type: ResourceBody })
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody;

  static override from(report: CompileReport): CompileBody {
    return {
      exit_code: report.exitCode,
      signal: report.signal,
      ...OutputBody.from(report),
      resource: ResourceBody.from(report.resource),
    };
  }

  static toReport(body: CompileBody): CompileReport {
    return {
      exitCode: body.exit_code,
      signal: body.signal,
      ...OutputBody.toPreview(body),
      resource: ResourceBody.toResource(body.resource),
    };
  }
}
