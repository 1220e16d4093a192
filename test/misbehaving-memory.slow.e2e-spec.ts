import { memoryTests } from './support/memory-tests';

memoryTests({}, /^(cgroup-v1|cgroup-v2|rusage)$/);
