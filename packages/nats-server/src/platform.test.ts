import { expect, test } from 'vitest';
import { requirePlatform } from './platform.ts';

test('Linux and macOS on x64 and arm64 are supported', () => {
  expect(requirePlatform('linux', 'x64')).toEqual({ os: 'linux', arch: 'amd64' });
  expect(requirePlatform('darwin', 'arm64')).toEqual({ os: 'darwin', arch: 'arm64' });
});

test.each([
  ['win32', 'x64'],
  ['linux', 'ia32'],
])('%s %s is refused with what to do instead', (platform, arch) => {
  expect(() => requirePlatform(platform, arch)).toThrow(
    expect.objectContaining({
      code: 'UNSUPPORTED_PLATFORM',
      platform,
      arch,
      message: expect.stringContaining('NATS_URL'),
    }),
  );
});
