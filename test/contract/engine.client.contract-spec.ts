/** The contract of EngineClient, in this process and over HTTP. */
import { embeddedAdapter, httpAdapter } from './engine-adapters';
import { describeEngineClient } from './engine.client.suite';

describeEngineClient('embedded', embeddedAdapter);
describeEngineClient('HTTP', httpAdapter);
