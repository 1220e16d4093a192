import { bash } from './bash';
import { c } from './c';
import { cpp } from './cpp';
import { go } from './go';
import { java } from './java';
import { javascript } from './javascript';
import { lua } from './lua';
import { perl } from './perl';
import { php } from './php';
import { python } from './python';
import { ruby } from './ruby';
import type { Runtime } from './runtime';
import { rust } from './rust';
import { typescript } from './typescript';

/** All languages, in the order in which the API lists them. */
export const RUNTIMES: readonly Runtime[] = [
  python,
  javascript,
  typescript,
  java,
  c,
  cpp,
  go,
  rust,
  ruby,
  php,
  perl,
  bash,
  lua,
];
