// A lock between processes: a file that names its owner. It dies with its owner, because the next one looks whether
// that process still runs. All work under it is temp + rename, so that a lock wrongly broken only costs time.

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 200;

/** Runs `action` while holding the lock; `onWait(owner)` is called once if somebody else has it. */
export async function withLock(file, action, { onWait = () => undefined } = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryLock(file)) {
    if (!told) onWait(readOwner(file));
    told = true;
    await wait(POLL_MS);
  }
  const release = () => releaseLock(file);
  process.once('exit', release);
  try {
    return await action();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock(file) {
  // The owner's name must be in the file from its first moment: write aside, then link, which fails if it is taken.
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, ownerText(process.pid));
  try {
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!ownerIsGone(readOwner(file))) return false;
    breakLock(file);
  } finally {
    fs.rmSync(mine, { force: true });
  }
  return tryLock(file);
}

/** Takes the dead owner's file away; by renaming, so that of two who try only one succeeds. */
function breakLock(file) {
  const aside = `${file}.${process.pid}.broken`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // Somebody may have broken it and locked it again between our look and our rename: give it back.
  if (!ownerIsGone(readOwner(aside))) {
    try {
      fs.linkSync(aside, file);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
  fs.rmSync(aside, { force: true });
}

function releaseLock(file) {
  if (readOwner(file) === ownerText(process.pid)) fs.rmSync(file, { force: true });
}

function readOwner(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process number may be given out again, so on Linux the start time belongs to the name. */
function ownerText(pid) {
  return `${pid} ${startTime(pid)}`;
}

function ownerIsGone(owner) {
  if (owner === undefined) return false;
  const pid = Number(owner.split(' ')[0]);
  return !(pid > 0) || !isAlive(pid) || ownerText(pid) !== owner;
}

function startTime(pid) {
  try {
    // Field 22 of /proc/PID/stat; the second, the command's name, may contain spaces and ends in the last ')'.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '-';
  }
}
