// Small file operations that leave either the old state or the new one, whenever they are cut.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** @returns the parsed file, or undefined where it is missing or broken: the caller then does the work again. */
export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temp = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temp, JSON.stringify(value, null, 2) + '\n');
  fs.renameSync(temp, file);
}

/** Leaves a copy that has the same bytes already as it is, its time of change included. */
export function copyAtomically(from, to) {
  if (fs.existsSync(to) && fs.readFileSync(to).equals(fs.readFileSync(from))) return;
  fs.mkdirSync(path.dirname(to), { recursive: true });
  const temp = `${to}.${process.pid}.tmp`;
  fs.copyFileSync(from, temp);
  fs.renameSync(temp, to);
}

/** Makes `link` a symbolic link to `target`, in place of whatever stood there. */
export function linkAtomically(target, link) {
  if (linkTarget(link) === target) return;
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const temp = `${link}.${process.pid}.tmp`;
  fs.rmSync(temp, { recursive: true, force: true });
  fs.symlinkSync(target, temp);
  if (linkTarget(link) === undefined) fs.rmSync(link, { recursive: true, force: true });
  fs.renameSync(temp, link);
}

/** @returns what a symbolic link says, or undefined where there is none. */
export function linkTarget(link) {
  try {
    return fs.readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** Puts a finished folder in its place; a folder that stands there already is broken, or we would not be here. */
export function moveFolderIntoPlace(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.rmSync(to, { recursive: true, force: true });
  fs.renameSync(from, to);
}

/** @returns size in bytes, or -1 where there is no such file. */
export function fileSize(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? -1;
}

export function sha256OfText(text) {
  return createHash('sha256').update(text).digest('hex');
}

export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** A new empty folder named after its process, so that a later set-up can tell a left-over from work in progress. */
export function makeTempFolder(parent, name) {
  fs.mkdirSync(parent, { recursive: true });
  return fs.mkdtempSync(path.join(parent, `${name}-${process.pid}-`));
}

/** Removes what set-ups that were killed left behind; `isAlive` tells of a process number. */
export function removeLeftovers(parent, isAlive) {
  if (!fs.existsSync(parent)) return;
  for (const name of fs.readdirSync(parent)) {
    const pid = Number(/-(\d+)-[^-]*$/.exec(name)?.[1]);
    if (!(pid > 0) || !isAlive(pid)) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

/** Bytes below a folder, links not followed. */
export function folderBytes(folder) {
  if (!fs.existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(full);
    else if (entry.isFile()) bytes += Math.max(0, fileSize(full));
  }
  return bytes;
}
