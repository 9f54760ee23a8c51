import { fetchFile, type Fetch } from './api';

const answering =
  (response: () => Response): Fetch =>
  () =>
    Promise.resolve(response());

describe('a file of the coordinator', () => {
  it('is its bytes', async () => {
    const fetch = answering(() => new Response(Uint8Array.of(1, 2, 3)));
    const blob = await fetchFile('/api/runs/r/artifact', { fetch });
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2, 3]);
  });

  it('that there is not comes with the reason', async () => {
    const body = { code: 'COORDINATOR_BUSY', message: 'come again' };
    const fetch = answering(() => new Response(JSON.stringify(body), { status: 429 }));
    await expect(fetchFile('/x', { fetch })).rejects.toMatchObject({ ...body, status: 429 });
    const bare = answering(() => new Response('no JSON', { status: 502 }));
    await expect(fetchFile('/x', { fetch: bare })).rejects.toThrow('the coordinator answered 502');
  });

  it('that breaks off is none', async () => {
    const torn = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('cut')),
    });
    await expect(fetchFile('/x', { fetch: answering(() => new Response(torn)) })).rejects.toMatchObject({
      name: 'ApiError',
      message: 'the file broke off',
    });
    const away: Fetch = () => Promise.reject(new TypeError('fetch failed'));
    await expect(fetchFile('/x', { fetch: away })).rejects.toThrow('cannot be reached');
  });
});
