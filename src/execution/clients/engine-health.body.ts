/** What a remote engine says of itself. */
import { IsIn, IsOptional, IsString } from 'class-validator';

export class EngineHealthBody {
  @IsIn(['up', 'down'])
  readonly status!: 'up' | 'down';

  @IsString()
  readonly isolation!: string;

  @IsOptional()
  @IsString()
  readonly accounting!: string | null;

  @IsOptional()
  @IsString()
  readonly warning!: string | null;
}
