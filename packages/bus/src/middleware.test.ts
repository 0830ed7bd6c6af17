import { expect, it } from 'vitest';
import { contextOf, eventOf, mount } from './middleware/event.fixture.ts';
import { composeMiddleware, type HandleEvent, type Middleware } from './middleware.ts';

const steps: string[] = [];
const step =
  (name: string): Middleware =>
  (next) =>
  async (event, context) => {
    steps.push(`${name} begins`);
    await next(event, context);
    steps.push(`${name} ends`);
  };
const place = { group: 'mail', logger: { info() {}, warn() {}, error() {} } };

it('the first middleware is the outermost', async () => {
  steps.length = 0;
  await mount([step('one'), step('two')], async () => void steps.push('handler')).deliver();
  expect(steps).toEqual(['one begins', 'two begins', 'handler', 'two ends', 'one ends']);
});

it('middleware is put together once, and knows where it stands', async () => {
  const places: string[] = [];
  const counting: Middleware = (next, { group }) => {
    places.push(group);
    return next;
  };
  const { deliver } = mount([counting], async () => {});
  for (let i = 0; i < 3; i++) await deliver();
  expect(places).toEqual(['mail']);
});

it('what a middleware throws or rejects with is the failure, whether or not it is asynchronous', async () => {
  const error = new Error('no');
  const throwing = [
    () => async () => {
      throw error;
    },
    () => () => {
      throw error;
    },
    () => () => Promise.reject(error),
  ] satisfies Middleware[];
  for (const each of throwing) await expect(mount([each], async () => {}).deliver()).rejects.toBe(error);
});

it('a handler that throws at once fails as one that rejects', async () => {
  const error = new Error('no');
  for (const use of [[], [step('one')]]) {
    const handle = composeMiddleware(
      use,
      () => {
        throw error;
      },
      place,
    );
    await expect(handle(eventOf('e1'), contextOf())).rejects.toBe(error);
  }
});

it('an event counts as handled where a middleware does not call next', async () => {
  let handled = 0;
  const filter: Middleware = (next) => async (event, context) => {
    if (event.id !== 'e1') await next(event, context);
  };
  const { deliver } = mount([filter], async () => void handled++);
  await deliver('e1');
  await deliver('e2');
  expect(handled).toBe(1);
});

it('a middleware may hand on another context', async () => {
  const { signal } = new AbortController();
  let seen: AbortSignal | undefined;
  const own: Middleware = (next) => (event, context) => next(event, { ...context, signal });
  await mount([own], async (_, context) => {
    seen = context.signal;
  }).deliver();
  expect(seen).toBe(signal);
});

it('what is no middleware is refused, with its place in the list', () => {
  const compose = (use: unknown[]) => composeMiddleware(use as Middleware[], async () => {}, place);
  const refused = (option: string) => expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option });
  expect(() => compose([step('one'), 'logging'])).toThrow(refused('use[1]'));
  expect(() => compose([undefined])).toThrow(refused('use[0]'));
  expect(() => compose([() => undefined])).toThrow(refused('use[0]'));
  const written: HandleEvent = async () => {};
  expect(() => compose([written])).toThrow(refused('use[0]'));
});
