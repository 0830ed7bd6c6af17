import { describe, expect, it } from 'vitest';
import { blogForTests, problem, unknownId } from '../blog.fixture.ts';
import { errorsOf, publishingBy } from '../posts/publishing.fixture.ts';

const { call, admin, moderate, user, post } = blogForTests({ MODERATION_DEADLINE: '1s' });
const { begin, saga, settled, attempt, publish, waitsFor, post: shown } = publishingBy(call);
const decide = (id: string, decision: string) =>
  admin('POST', `/sagas/${encodeURIComponent(id)}/${decision}`);

/** A saga that cannot be undone: the moderation fails when it is told that nobody waits any more. */
async function stuck(title: string) {
  const ada = await user();
  const [id, rival] = [await post(ada, title), await post(ada, title)];
  await moderate('hang');
  const sagaId = await begin(id);
  await waitsFor(sagaId, 'verdict');
  await moderate('fail');
  expect(await settled(sagaId)).toMatchObject({ state: 'needs-attention' });
  await moderate('accept');
  return { id, rival, sagaId };
}

describe('a saga', () => {
  it('that nobody answers is undone when its time is up, and its slug is free', async () => {
    const ada = await user();
    const [id, other] = [await post(ada, 'Unanswered'), await post(ada, 'Unanswered')];
    await moderate('hang');
    const sagaId = await begin(id);
    await waitsFor(sagaId, 'verdict');
    const ended = await settled(sagaId);
    expect([ended.state, errorsOf(ended)]).toEqual(['compensated', ['SAGA_DEADLINE']]);
    expect(await shown(id)).toMatchObject({ published: false });
    expect(ended.history.filter(({ what }) => what === 'step-compensated').map(({ step }) => step)).toEqual([
      'check-text',
      'reserve-slug',
    ]);
    await moderate('accept');
    await publish(other);
  });

  it('that needs attention tries again when it is told to', async () => {
    const { id, rival, sagaId } = await stuck('Tried again');
    expect((await attempt(rival)).state).toBe('compensated');
    expect(await decide(sagaId, 'retry')).toMatchObject({ status: 202, body: { id: sagaId } });
    const { state, history } = await settled(sagaId);
    expect(state).toBe('compensated');
    expect(history).toContainEqual(
      expect.objectContaining({ what: 'resumed', action: 'retry', by: 'administrator' }),
    );
    expect(await shown(id)).toMatchObject({ published: false });
    await publish(rival);
  });

  it('that needs attention passes over what cannot be undone when it is told to', async () => {
    const { rival, sagaId } = await stuck('Passed over');
    await moderate('fail');
    expect(await decide(sagaId, 'skip')).toMatchObject({ status: 202 });
    expect((await settled(sagaId)).state).toBe('compensated');
    await moderate('accept');
    await publish(rival);
  });

  it('that needs attention undoes nothing more when it is given up', async () => {
    const { rival, sagaId } = await stuck('Given up');
    expect(await decide(sagaId, 'abandon')).toMatchObject({ status: 202 });
    expect((await settled(sagaId)).state).toBe('abandoned');
    expect(errorsOf(await attempt(rival))).toEqual(['KEY_TAKEN']);
  });

  it('that needs no attention is not told how to go on', async () => {
    const { id } = await attempt(await post(await user(), 'All well'));
    for (const decision of ['retry', 'skip', 'abandon']) {
      expect(await decide(id, decision)).toMatchObject(problem(409));
      for (const unknown of [unknownId, '*', '>', '__proto__', 'x'.repeat(10_000)])
        expect(await decide(unknown, decision)).toMatchObject(problem(404));
    }
    expect((await saga(id)).state).toBe('completed');
  });

  it('that nobody knows is a 404', async () => {
    for (const id of [unknownId, '*', '>', 'a.b', '__proto__', '🪶', 'x'.repeat(10_000)])
      expect(await call('GET', `/sagas/${encodeURIComponent(id)}`)).toMatchObject(problem(404));
  });
});

describe('a list of sagas', () => {
  it('shows the newest first, as many as asked for, and can be told by state', async () => {
    const ada = await user();
    const first = await attempt(await post(ada, 'Listed'));
    const second = await attempt(await post(ada, 'Listed'));
    const ids = async (query = '') =>
      ((await call('GET', `/sagas${query}`)).body as { id: string }[]).map(({ id }) => id);
    expect((await ids()).slice(0, 2)).toEqual([second.id, first.id]);
    expect(await ids('?limit=1')).toEqual([second.id]);
    expect((await ids('?state=completed'))[0]).toBe(first.id);
    expect((await ids('?state=compensated'))[0]).toBe(second.id);
    expect((await call('GET', '/sagas?limit=1')).body).toEqual([
      { id: second.id, name: 'publishing', state: 'compensated', changedAt: expect.any(String) },
    ]);
  });

  it('is a 400 that names the field where the question makes no sense', async () => {
    for (const [query, field] of [
      ['state=done', 'state'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=x', 'limit'],
      ['name=publishing', 'name'],
    ] as const) {
      expect(await call('GET', `/sagas?${query}`)).toMatchObject(problem(400, field));
    }
  });
});
