export { default } from '@pipit/tooling/tsup';
