/**
 * Durable files: written under a temporary name in the same folder, fsynced, renamed, and the folder fsynced. After a
 * crash a name shows its old content or its new one, and temporary files are all that is left over.
 */
import { errorCode, newId } from '@espalier/base';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storeError } from './errors';

/** How temporary files are named: `.tmp-<what>-<random>`. */
export const TEMP_PREFIX = '.tmp-';

/** Replaces `path` by `content`; its folder is made when it is missing. Throws STORE_DISK_FULL; nothing partial stays. */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await writeAtomic(path, (handle) => writeAll(handle, bytes, path));
}

/** Like `writeFileAtomic`, with what `fill` writes. When `fill` throws, the temporary file goes and `path` stays as it was. */
export async function writeAtomic<T>(path: string, fill: (handle: FileHandle) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temp = join(folder, `${TEMP_PREFIX}${basename(path)}-${newId()}`);
  const handle = await guardDisk(temp, 0, () => open(temp, 'wx'));
  try {
    let result: T;
    try {
      result = await fill(handle);
      await guardDisk(path, 0, () => handle.sync());
    } finally {
      await handle.close();
    }
    await rename(temp, path);
    await syncFolder(folder);
    return result;
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

/** Writes all of `bytes` at the handle's position, or at `position`. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  path: string,
  position?: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const at = position === undefined ? null : position + done;
    const { bytesWritten } = await guardDisk(path, bytes.byteLength, () =>
      handle.write(bytes, done, bytes.byteLength - done, at),
    );
    done += bytesWritten;
  }
}

/** Fills `into` from `position`; returns how many bytes there were (fewer only at the file's end). */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.byteLength) {
    const { bytesRead } = await handle.read(into, done, into.byteLength - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

export async function makeFolder(folder: string): Promise<void> {
  const made = await guardDisk(folder, 0, () => mkdir(folder, { recursive: true }));
  if (made !== undefined) await syncFolder(dirname(made));
}

/** Makes renames and removals in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Size in bytes, or undefined when there is no such file. */
export async function fileSize(path: string): Promise<number | undefined> {
  return unlessMissing(async () => (await stat(path)).size);
}

/** The names in a folder; none when it is missing. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await unlessMissing(async () => (await readdir(folder)).sort())) ?? [];
}

/** The value, or undefined when the file or folder is missing; other errors are thrown. */
export async function unlessMissing<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function guardDisk<T>(path: string, bytes: number, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw storeError('STORE_DISK_FULL', { path, bytes }, { cause });
    throw cause;
  }
}
