import { silentLogger } from '@espalier/base';
import { encodeMessage, message, type Message } from '@espalier/protocol';
import { answerAdmission, type Admit } from './answer-admission';

const body = {
  name: 'best',
  options: { power: 2 },
  plugin: { name: 'mine', version: '1.0.0', digest: 'a'.repeat(64) },
};
const question = message('criterion.admit', body, { from: 'hub', run: 'run-1', id: 'm1' });

async function answerOf(admit: Admit | undefined): Promise<unknown> {
  const sent: Message[] = [];
  const bus = { send: (answer: Message) => void sent.push(answer) };
  await answerAdmission(question, {
    bus,
    serviceId: 'pruner-1',
    logger: silentLogger,
    ...(admit && { admit }),
  });
  expect(sent).toHaveLength(1);
  encodeMessage(sent[0]);
  return sent[0].body;
}

describe('the question whether a criterion is let in', () => {
  it('is answered by what it needs, or refused by the error that it met', async () => {
    expect(await answerOf(async ({ options }) => ({ needs: Object.keys(options) }))).toEqual({
      re: 'm1',
      needs: ['power'],
    });
    const fail =
      (error: Error): Admit =>
      () =>
        Promise.reject(error);
    expect(await answerOf(fail(Object.assign(new Error('no'), { code: 'PLUGIN_CANARY' })))).toEqual({
      re: 'm1',
      code: 'PLUGIN_CANARY',
      message: 'no',
      retryable: false,
    });
    expect(await answerOf(fail(new Error('x'.repeat(5000))))).toMatchObject({ code: 'SERVICE_ADMISSION' });
    expect(await answerOf(undefined)).toMatchObject({ code: 'SERVICE_ADMITS_NONE' });
  });
});
