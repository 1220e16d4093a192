import { IsIn, IsString } from 'class-validator';
import { IsNullable } from '../../common/validation/fields';

/** The response to `GET /health` of an engine. */
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
