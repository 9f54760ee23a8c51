import type { Fetch } from './api';
import { LayerViews } from './layer-views';

function answering(status: number) {
  const asked: string[] = [];
  const fetch: Fetch = (path) => {
    asked.push(String(path));
    const body =
      status === 200 ? { key: 'k', title: 'prune 1', layers: [] } : { code: 'X_GONE', message: 'gone' };
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  };
  return { fetch, asked };
}

describe("pictures of a stage's layers", () => {
  it('are asked for once', async () => {
    const { fetch, asked } = answering(200);
    const views = new LayerViews('r1', { fetch });
    expect(await views.of('k1')).toMatchObject({ title: 'prune 1' });
    await views.of('k1');
    expect(asked).toEqual(['/api/runs/r1/views/k1']);
  });

  it('are asked for again when the stage has a newer one', async () => {
    const { fetch, asked } = answering(200);
    const views = new LayerViews('r1', { fetch });
    await views.of('k1', 1);
    await views.of('k1', 2);
    expect(asked).toHaveLength(2);
  });

  it('are asked for again when they could not be had', async () => {
    const { fetch, asked } = answering(404);
    const views = new LayerViews('r1', { fetch });
    await expect(views.of('k1')).rejects.toMatchObject({ status: 404, code: 'X_GONE', message: 'gone' });
    await expect(views.of('k1')).rejects.toMatchObject({ status: 404 });
    expect(asked).toHaveLength(2);
  });

  it('are forgotten in the order of their use', async () => {
    const { fetch, asked } = answering(200);
    const views = new LayerViews('r1', { fetch });
    for (let i = 0; i < 32; i++) await views.of(`k${i}`);
    await views.of('k0');
    await views.of('k32');
    await views.of('k0');
    expect(asked).toHaveLength(33);
    await views.of('k1');
    expect(asked).toHaveLength(34);
  });
});
