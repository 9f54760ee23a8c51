/** The origins under which the coordinator's own page may have been opened. */
import { networkInterfaces } from 'node:os';

const EVERYWHERE = ['0.0.0.0', '::', ''];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export function ownOrigins(host: string, port: number): readonly string[] {
  const hosts = EVERYWHERE.includes(host)
    ? [
        ...LOOPBACK,
        ...Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
      ]
    : LOOPBACK.includes(host)
      ? [host, ...LOOPBACK]
      : [host];
  return [...new Set(hosts)].map((name) => `http://${name.includes(':') ? `[${name}]` : name}:${port}`);
}
