/** Programs that take more memory than they may, and the figures of those that do not, with the best accounting. */
import { memoryTests } from './support/memory-tests';

memoryTests({}, /^(cgroup-v1|cgroup-v2|rusage)$/);
