/** Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747) out of Debian's package, unpacked into the user's cache: that needs no rights. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchError } from '../errors';
import { benchCache, runPeer } from '../python-peers';
import type { OtherData } from './data-sets';

const PACKAGE = 'dataset-fashion-mnist';
const FILES = ['train-images', 'train-labels', 't10k-images', 't10k-labels'] as const;

/** @throws BENCH_DATA where it is neither installed nor to be had */
export async function fashionMnist(): Promise<OtherData> {
  const cached = benchCache('fashion-mnist');
  const places = ['/', cached].map((root) => join(root, 'usr/share/datasets/fashion-mnist'));
  const folder = places.find(isWhole) ?? (await unpack(cached, places[1]));
  const [trainImages, trainLabels, testImages, testLabels] = FILES.map((name) =>
    join(folder, fileName(name)),
  );
  return {
    name: 'Fashion-MNIST',
    source: `Debian's package ${PACKAGE}`,
    train: { images: trainImages, labels: trainLabels },
    test: { images: testImages, labels: testLabels },
  };
}

async function unpack(cached: string, folder: string): Promise<string> {
  rmSync(cached, { recursive: true, force: true });
  mkdirSync(cached, { recursive: true });
  const download = await runPeer('apt-get', ['download', PACKAGE], cached);
  const file = readdirSync(cached).find((name) => name.endsWith('.deb'));
  const problem = file === undefined ? download : await runPeer('dpkg', ['-x', join(cached, file), cached]);
  if (isWhole(folder)) return folder;
  throw benchError('BENCH_DATA', {
    name: 'Fashion-MNIST',
    problem: problem.stderr.trim().split('\n').at(-1) ?? '',
    package: PACKAGE,
  });
}

function isWhole(folder: string): boolean {
  return FILES.every((name) => existsSync(join(folder, fileName(name))));
}

function fileName(name: (typeof FILES)[number]): string {
  return `${name}-idx${name.endsWith('images') ? 3 : 1}-ubyte.gz`;
}
