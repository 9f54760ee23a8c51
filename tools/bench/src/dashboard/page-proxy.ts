/** Between the page and its coordinator: connections that can be made to lead nowhere, as those of a laptop that slept elsewhere. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class PageProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = 0;

  private constructor() {
    this.#server = createServer((near) => this.#join(near));
  }

  static async listen(): Promise<PageProxy> {
    const proxy = new PageProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  leadTo(port: number): void {
    this.#target = port;
  }

  /** Nothing comes through any more on the connections that there are, and nobody is told. New ones are as ever. */
  sever(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.removeAllListeners('end');
      socket.resume();
    }
    this.#sockets.clear();
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1' });
    far.pipe(near);
    near.once('data', (first) => {
      far.write(this.#asOwn(first));
      near.pipe(far);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        // A severed one keeps quiet about it.
        if (this.#sockets.delete(one)) other.destroy();
      });
    }
  }

  /** A cookie counts for pages of the coordinator's own origin only, and this page says that it is of ours. */
  #asOwn(request: Buffer): Buffer {
    const own = `Origin: http://127.0.0.1:${this.#target}`;
    return Buffer.from(request.toString('latin1').replace(`Origin: ${this.url}`, own), 'latin1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
