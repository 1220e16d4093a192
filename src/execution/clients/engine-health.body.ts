/** What a remote engine says of itself. */
import { IsIn, IsString } from 'class-validator';
import { MayBeNull } from '../../common/validation/fields';

export class EngineHealthBody {
  @IsIn(['up', 'down'])
  readonly status!: 'up' | 'down';

  @IsString()
  readonly isolation!: string;

  @MayBeNull()
  @IsString()
  readonly accounting!: string | null;

  @MayBeNull()
  @IsString()
  readonly warning!: string | null;
}
