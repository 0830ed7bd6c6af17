import type { IConfiguration } from 'dependency-cruiser';

export declare const rulesOf: (workspace: string) => IConfiguration;
