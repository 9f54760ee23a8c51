/** What an observer of a run says comes into its log over the API, by its name and in bounds. */
import { answer, type ApiAnswer, type ApiParts } from './http-api';
import type { RunEventFields } from './run-events';

type Observed = RunEventFields['run.observed'];

async function post(body: unknown, run = 'r-1'): Promise<{ answered: ApiAnswer; logged: Observed[] }> {
  const logged: Observed[] = [];
  const parts = {
    coordinator: { observed: async (_run: string, fields: Observed) => void logged.push(fields) },
    book: { get: (id: string) => (id === 'r-1' ? { id } : undefined) },
    version: '0',
  } as unknown as ApiParts;
  const answered = await answer(
    {
      method: 'POST',
      path: `/api/runs/${run}/observed`,
      query: new URLSearchParams(),
      body,
      scopes: ['steer'],
    },
    parts,
  );
  return { answered, logged };
}

const point = { kind: 'point', series: 'loss', x: 1, y: 0.5 };

it('a point is logged under the name of the plugin and of its observer', async () => {
  const { answered, logged } = await post({
    plugin: '@a/b',
    observer: 'watch',
    observations: [point],
    more: 1,
  });
  expect(answered.status).toBe(200);
  expect(logged).toEqual([{ plugin: '@a/b', observer: 'watch', observations: [point] }]);
});

it.each([
  ['without a name', { observer: 'watch', observations: [point] }],
  ['with a name that is none', { plugin: 'a b', observer: 'watch', observations: [point] }],
  [
    'with more than a log should take',
    { plugin: 'a', observer: 'b', observations: new Array(257).fill(point) },
  ],
  ['with no list', { plugin: 'a', observer: 'b', observations: point }],
])('what comes %s is refused', async (_, body) => {
  const { answered, logged } = await post(body);
  expect(answered).toMatchObject({ status: 400, body: { code: 'COORDINATOR_REQUEST' } });
  expect(logged).toEqual([]);
});

it('a run that there is not has no log', async () => {
  const { answered } = await post({ plugin: 'a', observer: 'b', observations: [] }, 'r-2');
  expect(answered).toMatchObject({ status: 404, body: { code: 'COORDINATOR_NO_RUN' } });
});
