// TensorFlow's C library in the user's cache folder, taken from the pinned Python wheel: pip downloads it, its
// SHA-256 is checked, and only the two libraries and the C headers are kept.

import fs from 'node:fs';
import path from 'node:path';
import { ChildFailed, runChild } from './children.mjs';
import {
  fileSize,
  linkAtomically,
  makeTempFolder,
  moveFolderIntoPlace,
  readJson,
  sha256OfFile,
  writeJson,
} from './files.mjs';
import { LIBRARY_LINKS, PIP, TENSORFLOW, WHEEL_MEMBERS } from './platforms.mjs';
import { describeMissing } from './tools.mjs';

/** Reported by a step that cannot be done here; set-up then goes on with the WASM backend. */
export class NotPossible extends Error {}

/** Written last, with the libraries' sizes: without it, or with other sizes, the folder is unfinished or broken. */
const COMPLETE_FILE = 'complete.json';

/** Room for the wheel and what is unpacked of it, with some to spare. */
const NEEDED_FREE_BYTES = 1_200_000_000;

export function libtensorflowInPlace(folder, wheel) {
  const complete = readJson(path.join(folder, COMPLETE_FILE));
  if (complete?.sha256 !== wheel.sha256) return false;
  return Object.entries(complete.sizes).every(
    ([name, size]) => fileSize(path.join(folder, 'lib', name)) === size,
  );
}

/** Downloads, checks and unpacks; `report(text)` is told of what goes on every few seconds. */
export async function provideLibtensorflow({ folders, wheel, python, verbose, report }) {
  const free = freeBytes(folders.cache);
  if (free < NEEDED_FREE_BYTES) {
    throw new NotPossible(
      `${folders.cache} has ${megabytes(free)} MB free, but TensorFlow needs ${megabytes(NEEDED_FREE_BYTES)} MB; ` +
        'make room, or set ESPALIER_CACHE to a folder on another disk',
    );
  }
  const temp = makeTempFolder(folders.cacheTemp, 'tensorflow');
  try {
    const file = await downloadWheel({ temp, wheel, python, verbose, report });
    const digest = await sha256OfFile(file);
    if (digest !== wheel.sha256) {
      throw new NotPossible(
        `${path.basename(file)} has SHA-256 ${digest}, expected ${wheel.sha256}; it is not used`,
      );
    }
    const unpacked = path.join(temp, 'unpacked');
    await unpackWheel({ file, unpacked, python, verbose });
    fs.rmSync(file);
    for (const [link, target] of Object.entries(LIBRARY_LINKS))
      linkAtomically(target, path.join(unpacked, 'lib', link));
    const sizes = {};
    for (const member of WHEEL_MEMBERS.libraries) {
      const name = path.basename(member);
      sizes[name] = fileSize(path.join(unpacked, 'lib', name));
    }
    writeJson(path.join(unpacked, COMPLETE_FILE), {
      version: TENSORFLOW.version,
      sha256: wheel.sha256,
      sizes,
    });
    moveFolderIntoPlace(unpacked, folders.tensorflow);
  } finally {
    fs.rmSync(temp, { recursive: true, force: true });
  }
}

async function downloadWheel({ temp, wheel, python, verbose, report }) {
  const pip = await findPip({ temp, python });
  const target = path.join(temp, 'wheel');
  const requirements = path.join(temp, 'requirements.txt');
  fs.writeFileSync(
    requirements,
    `${TENSORFLOW.package}==${TENSORFLOW.version} --hash=sha256:${wheel.sha256}\n`,
  );
  const args = ['download', '--require-hashes', '--no-deps', '--only-binary=:all:', '--no-cache-dir'];
  args.push('--disable-pip-version-check', '--progress-bar=off', '--python-version', wheel.pythonVersion);
  args.push('--platform', wheel.pipPlatform, '--dest', target, '--requirement', requirements);
  const timer = setInterval(() => {
    report(`${megabytes(largestFileBytes(temp))} of ${megabytes(wheel.downloadBytes)} MB`);
  }, 10_000);
  try {
    // pip writes what it downloads into TMPDIR first: ours, so that nothing is left behind when it is cut.
    await runChild(pip.program, [...pip.args, ...args], { env: { ...process.env, TMPDIR: temp }, verbose });
  } catch (error) {
    if (!(error instanceof ChildFailed)) throw error;
    throw new NotPossible(
      `pip could not download ${TENSORFLOW.package} ${TENSORFLOW.version}: ${pipReason(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    clearInterval(timer);
  }
  const name = fs.readdirSync(target).find((entry) => entry.endsWith('.whl'));
  if (!name) throw new NotPossible('pip downloaded no wheel');
  return path.join(target, name);
}

/** pip as a module of python3; Debian may have only the venv module, which brings one along. */
async function findPip({ temp, python }) {
  try {
    await runChild(python, ['-m', 'pip', '--version']);
    return { program: python, args: ['-m', 'pip'] };
  } catch {
    // Not there: next the venv.
  }
  const venv = path.join(temp, 'venv');
  try {
    await runChild(python, ['-m', 'venv', venv]);
    return { program: path.join(venv, 'bin/python3'), args: ['-m', 'pip'] };
  } catch {
    throw new NotPossible(`missing: ${describeMissing([PIP])}`);
  }
}

const UNPACK = `
import os, shutil, sys, zipfile
wheel, target, libraries, prefixes = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split(',')
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        if member in libraries:
            place = os.path.join(target, 'lib', os.path.basename(member))
        else:
            header = member[len('tensorflow/include/'):] if member.startswith('tensorflow/include/') else ''
            if not header.endswith('.h') or not header.startswith(tuple(prefixes)):
                continue
            place = os.path.join(target, 'include', header)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with archive.open(member) as source, open(place, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
            sink.flush()
            os.fsync(sink.fileno())
`;

async function unpackWheel({ file, unpacked, python, verbose }) {
  const { libraries, headerPrefixes } = WHEEL_MEMBERS;
  const args = ['-c', UNPACK, file, unpacked, libraries.join(','), headerPrefixes.join(',')];
  try {
    await runChild(python, args, { verbose });
  } catch (error) {
    throw new NotPossible(`the TensorFlow wheel could not be unpacked: ${error.message}`, { cause: error });
  }
}

/** pip's own last word, without the notices around it. */
export function pipReason(error) {
  // Without a network pip retries, then says that there is no such version.
  if (
    /NewConnectionError|Name or service not known|Temporary failure in name resolution/.test(error.output)
  ) {
    return 'it could not connect to its package index; is the network up?';
  }
  const lines = error.output.split('\n').filter((line) => /^\s*ERROR:/.test(line));
  return lines.length > 0 ? lines.at(-1).replace(/^\s*ERROR:\s*/, '') : error.message;
}

function largestFileBytes(folder) {
  try {
    return Math.max(
      0,
      ...fs.readdirSync(folder, { recursive: true }).map((name) => fileSize(path.join(folder, name))),
    );
  } catch {
    return 0; // pip renamed a folder while we were reading it
  }
}

function freeBytes(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}

export function megabytes(bytes) {
  return Math.round(bytes / 1e6);
}
