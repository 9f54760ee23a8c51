'use strict';

// Runs TypeScript from source in this process: no build, no second process. tsx compiles (and keeps what it compiled);
// packages of this workspace resolve to their export condition `@espalier/source`, which Node itself takes only from
// its command line. A child process gets the same by `node --require bin/source.cjs`.
const Module = require('node:module');
const path = require('node:path');

require('tsx/cjs');

const SCOPE = '@espalier/';
const CONDITION = '@espalier/source';
const sources = new Map();
const resolveFilename = Module._resolveFilename;

Module._resolveFilename = function resolveFromSource(request, parent, isMain, options) {
  if (!request.startsWith(SCOPE)) return resolveFilename.call(this, request, parent, isMain, options);
  const found = sources.get(request) ?? sourceOf(request, parent);
  if (found === undefined) return resolveFilename.call(this, request, parent, isMain, options);
  sources.set(request, found);
  return found;
};

/** The source file that the package's `exports` name for this request, if it has one. */
function sourceOf(request, parent) {
  const [scope, name, ...rest] = request.split('/');
  const door = rest.length === 0 ? '.' : `./${rest.join('/')}`;
  let manifestFile;
  try {
    manifestFile = resolveFilename.call(Module, `${scope}/${name}/package.json`, parent, false);
  } catch {
    return undefined;
  }
  const named = require(manifestFile).exports?.[door]?.[CONDITION];
  // Pages may have a source of their own; this is Node.
  const source = typeof named === 'object' ? named.default : named;
  return source === undefined ? undefined : path.join(path.dirname(manifestFile), source);
}
