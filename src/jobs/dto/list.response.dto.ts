/** One page of jobs. */
import { ApiProperty } from '@nestjs/swagger';
import { JobSummary } from './job.response.dto';

export class ListResponse {
  @ApiProperty({ description: 'Newest first.', type: [JobSummary] })
  readonly jobs!: readonly JobSummary[];
  @ApiProperty({
    description: 'Give it back as `cursor`, with the same filters, for the next page; null on the last.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly next_cursor!: string | null;
}
