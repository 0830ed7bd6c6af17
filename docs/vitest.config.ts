export { default } from '@pipit/tooling/vitest';
