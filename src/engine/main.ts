/** Starts the execution engine as a server of its own. */
import { startEngine } from './http/start';

void startEngine();
