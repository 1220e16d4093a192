/** An empty standard input. */
import { type FileHandle, open } from 'node:fs/promises';

export const openNothing = (): Promise<FileHandle> => open('/dev/null', 'r');
