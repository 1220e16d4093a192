import { embeddedAdapter, httpAdapter } from './engine-adapters';
import { describeManyInputs } from './engine.client.inputs.suite';
import { describeEngineClient } from './engine.client.suite';

describeEngineClient('embedded', embeddedAdapter);
describeEngineClient('HTTP', httpAdapter);
describeManyInputs('embedded', embeddedAdapter);
describeManyInputs('HTTP', httpAdapter);
