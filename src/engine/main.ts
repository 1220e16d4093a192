import { startEngine } from './http/start';

void startEngine();
