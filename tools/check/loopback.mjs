// In a fresh network namespace (`unshare -n npm test`, the network unplugged) even the loopback interface is down, and
// the tests talk over it. Whoever may make a namespace may also bring its loopback up; it changes nothing outside.

import { spawnSync } from 'node:child_process';
import os from 'node:os';

const PYTHON = `
import fcntl, socket, struct
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 1, 64
with socket.socket() as s:
    fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP | IFF_RUNNING))
`;

/** @returns what was done about it, for people to read; undefined where the loopback is up. */
export function bringLoopbackUp() {
  if (process.platform !== 'linux' || isUp()) return undefined;
  for (const [program, ...args] of [
    ['ip', 'link', 'set', 'lo', 'up'],
    ['python3', '-c', PYTHON],
  ]) {
    spawnSync(program, args, { stdio: 'ignore' });
    if (isUp()) return 'the loopback interface was down (no network?); it is up now';
  }
  return 'the loopback interface is down and could not be brought up; tests that use sockets will fail';
}

function isUp() {
  return Object.values(os.networkInterfaces()).some((addresses) =>
    addresses.some(({ address }) => address === '127.0.0.1' || address === '::1'),
  );
}
