import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { countingProxy } from './counting-proxy';

describe('countingProxy', () => {
  it('counts the bytes of both directions, and starts at 0 when they are taken', async () => {
    const owner = createServer((socket) => socket.once('data', () => socket.end('four')));
    owner.listen(0, '127.0.0.1');
    await once(owner, 'listening');
    await using proxy = await countingProxy((owner.address() as AddressInfo).port);
    const receiver = connect(proxy.port, '127.0.0.1');
    receiver.write('ask');
    const [answer] = (await once(receiver, 'data')) as [Buffer];
    expect(answer.toString()).toBe('four');
    expect(proxy.take()).toEqual({ fromOwner: 4, toOwner: 3 });
    expect(proxy.take()).toEqual({ fromOwner: 0, toOwner: 0 });
    receiver.end();
    owner.close();
  });
});
