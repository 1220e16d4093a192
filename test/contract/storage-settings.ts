/** Settings of the embedded storage in a directory. */
import { readEnvironment } from '../../src/config/environment';
import { StorageSettings } from '../../src/config/settings';

export const storageSettings = (dataDir: string): StorageSettings =>
  new StorageSettings(readEnvironment({ DATA_DIR: dataDir }));
