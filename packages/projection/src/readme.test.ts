import { readmePrograms } from '@pipit/tooling/readme';

readmePrograms(import.meta.url);
