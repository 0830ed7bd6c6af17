import { UnsupportedPlatformError } from './errors.ts';

/** As release files and Debian packages spell it. */
export interface Platform {
  readonly os: 'linux' | 'darwin';
  readonly arch: 'amd64' | 'arm64';
}

export function requirePlatform(platform: string = process.platform, arch: string = process.arch): Platform {
  const cpu = arch === 'x64' ? 'amd64' : arch;
  if ((platform !== 'linux' && platform !== 'darwin') || (cpu !== 'amd64' && cpu !== 'arm64')) {
    throw new UnsupportedPlatformError(platform, arch);
  }
  return { os: platform, arch: cpu };
}
