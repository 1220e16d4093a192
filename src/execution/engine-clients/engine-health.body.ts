/** What a remote engine says of itself. */
import { IsIn, IsString } from 'class-validator';
import { IsNullable } from '../../common/validation/fields';

export class EngineHealthBody {
  @IsIn(['up', 'down'])
  readonly status!: 'up' | 'down';

  @IsString()
  readonly isolation!: string;

  @IsNullable()
  @IsString()
  readonly accounting!: string | null;

  @IsNullable()
  @IsString()
  readonly warning!: string | null;
}
