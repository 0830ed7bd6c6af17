import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { loggerOptions } from './logger.ts';

function logged(log: (logger: ReturnType<typeof pino>) => void): string {
  const lines: string[] = [];
  log(pino(loggerOptions('blog', 'info'), { write: (line: string) => lines.push(line) }));
  return lines.join('');
}

describe('the log', () => {
  it('redacts fields with the name of a secret, also inside others', () => {
    const line = logged((logger) =>
      logger.info(
        { password: 'hunter1', nats: { token: 'hunter2', tls: { seed: 'hunter3' } }, user: 'ada' },
        'x',
      ),
    );
    expect(line).not.toMatch(/hunter/);
    expect(JSON.parse(line)).toMatchObject({ name: 'blog', user: 'ada', nats: { token: '[Redacted]' } });
  });

  it('redacts logins in URLs wherever they stand, and leaves other text alone', () => {
    const line = logged((logger) => {
      const err = new Error('cannot reach nats://ada:hunter2@host:4222', {
        cause: new Error('tls://hunter3@host'),
      });
      logger
        .child({ url: 'https://ada:hunter1@host/x' })
        .error({ err, mail: 'ada@example.org' }, 'nats://t@h, a@b');
    });
    expect(line).not.toMatch(/hunter|nats:\/\/t@/);
    expect(JSON.parse(line)).toMatchObject({
      url: 'https://[Redacted]@host/x',
      mail: 'ada@example.org',
      msg: 'nats://[Redacted]@h, a@b',
    });
  });

  it('is quiet below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toBe('');
  });
});
