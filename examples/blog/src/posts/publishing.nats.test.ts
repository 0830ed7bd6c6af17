import { describe, expect, it } from 'vitest';
import { blogForTests, problem, unknownId } from '../blog.fixture.ts';
import { errorsOf, publishingBy } from './publishing.fixture.ts';

const { call, admin, moderate, user, post, comment } = blogForTests();
const { begin, saga, settled, attempt, publish, waitsFor, post: shown } = publishingBy(call);

describe('publishing a post', () => {
  it('reserves its slug, has its text checked, publishes it, and says so step by step', async () => {
    const id = await post(await user(), 'Step by step!');
    const sagaId = await begin(id);
    expect(sagaId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await settled(sagaId)).toEqual({
      id: sagaId,
      name: 'publishing',
      state: 'completed',
      startedAt: expect.any(String),
      changedAt: expect.any(String),
      history: expect.arrayContaining([
        { at: expect.any(String), what: 'started', state: 'running' },
        {
          at: expect.any(String),
          what: 'step-succeeded',
          state: 'running',
          step: 'reserve-slug',
          attempt: 1,
        },
      ]),
    });
    const done = (await saga(sagaId)).history
      .filter(({ what }) => what === 'step-succeeded')
      .map(({ step }) => step);
    expect(done).toEqual(['reserve-slug', 'check-text', 'verdict', 'publish', 'notify-followers']);
    await expect
      .poll(() => shown(id))
      .toMatchObject({ published: true, publishedAt: expect.any(String), slug: 'step-by-step' });
  });

  it('tells who has commented on it, once', async () => {
    const [ada, bob] = [await user('Ada'), await user('Bob')];
    const id = await post(ada, 'With followers');
    for (const text of ['First', 'Second']) await comment(id, bob, text);
    await publish(id);
    const { sent } = (await admin('GET', '/notifications')).body as {
      sent: { postId: string; to: string }[];
    };
    const news = sent.filter((one) => one.postId === id && !('commentId' in one));
    expect(news).toMatchObject([{ to: bob, text: 'A post that you have commented on is published.' }]);
  });

  it('goes on telling them until that works, and takes nothing back', async () => {
    const ada = await user();
    const id = await post(ada, 'Told later');
    await comment(id, ada);
    await admin('POST', '/notifications', { json: { failing: true } });
    const sagaId = await begin(id);
    await waitsFor(sagaId, 'notify-followers');
    expect(await saga(sagaId)).toMatchObject({
      state: 'running',
      waitingFor: { attempt: expect.any(Number) },
    });
    await expect.poll(() => shown(id)).toMatchObject({ published: true });
    await admin('POST', '/notifications', { json: { failing: false } });
    expect((await settled(sagaId)).state).toBe('completed');
  });
});

describe('a slug', () => {
  it('is kept by the post that is published, and keeps another one with the same title from it', async () => {
    const ada = await user();
    const [first, second] = [await post(ada, 'Twice'), await post(ada, 'Twice')];
    await publish(first);
    const refused = await attempt(second);
    expect([refused.state, errorsOf(refused)]).toEqual(['compensated', ['KEY_TAKEN']]);
    expect(await shown(second)).toMatchObject({ published: false });
    await call('PATCH', `/posts/${second}`, { json: { title: 'Twice, again' } });
    await publish(second);
    expect(await shown(second)).toMatchObject({ slug: 'twice-again' });
  });

  it('is free for another post when the text is refused, and its own post can try again', async () => {
    const ada = await user();
    const [first, second] = [await post(ada, 'Rude'), await post(ada, 'Rude')];
    await moderate('refuse');
    const refused = await attempt(first);
    expect([refused.state, errorsOf(refused)]).toEqual(['compensated', ['TextRefusedError']]);
    expect(await shown(first)).toMatchObject({ published: false });
    await moderate('accept');
    await publish(second);
    await call('PATCH', `/posts/${first}`, { json: { title: 'Polite' } });
    await publish(first);
  });

  it('is free when the moderation fails at every try', async () => {
    const ada = await user();
    const [first, second] = [await post(ada, 'Failed'), await post(ada, 'Failed')];
    await moderate('fail');
    const failed = await attempt(first);
    await moderate('accept');
    expect(failed.state).toBe('compensated');
    expect(failed.history.filter(({ what }) => what === 'step-failed')).toHaveLength(4);
    await publish(second);
  });
});

describe('one post that is published twice at once', () => {
  it('is published by one saga, and the others change nothing', async () => {
    const ada = await user();
    const [id, other] = [await post(ada, 'At once'), await post(ada, 'At once')];
    const ids = await Promise.all(Array.from({ length: 4 }, () => begin(id)));
    const ended = await Promise.all(ids.map((one) => settled(one)));
    expect(ended.map(({ state }) => state).sort()).toEqual([
      'compensated',
      'compensated',
      'compensated',
      'completed',
    ]);
    await expect.poll(() => shown(id)).toMatchObject({ published: true });
    expect((await attempt(other)).state).toBe('compensated');
  });

  it('keeps its slug while the first one waits', async () => {
    const ada = await user();
    const [id, other] = [await post(ada, 'Held'), await post(ada, 'Held')];
    await moderate('hang');
    const first = await begin(id);
    await waitsFor(first, 'verdict');
    await moderate('accept');
    const second = await attempt(id);
    expect([second.state, errorsOf(second)]).toEqual(['compensated', ['BeingPublishedError']]);
    expect(errorsOf(await attempt(other))).toEqual(['KEY_TAKEN']);
    expect(await saga(first)).toMatchObject({
      state: 'running',
      waitingFor: { step: 'verdict', event: 'text-checked', until: expect.any(String) },
    });
  });
});

it('a text that is edited while it is published is not published unread', async () => {
  const ada = await user();
  const id = await post(ada, 'Edited');
  await moderate('fail');
  const sagaId = await begin(id);
  await waitsFor(sagaId, 'check-text');
  await call('PATCH', `/posts/${id}`, { json: { body: 'Something else' } });
  await moderate('accept');
  const ended = await settled(sagaId);
  expect([ended.state, errorsOf(ended).at(-1)]).toEqual(['compensated', 'TextChangedError']);
  expect(await shown(id)).toMatchObject({ published: false });
  await publish(id);
});

it('what can be refused at once is, and begins no saga', async () => {
  const count = async () => ((await call('GET', '/sagas?limit=1000')).body as unknown[]).length;
  const ada = await user();
  const [id, draft] = [await post(ada, 'Refused at once'), await post(ada, 'Refused as well')];
  await publish(id);
  const before = await count();
  expect(await call('POST', `/posts/${unknownId}/publish`)).toMatchObject(problem(404));
  expect(await call('POST', `/posts/${id}/publish`)).toMatchObject(problem(409));
  const headers = { 'if-match': '"9"' };
  expect(await call('POST', `/posts/${draft}/publish`, { headers })).toMatchObject(problem(412));
  expect(await count()).toBe(before);
});
