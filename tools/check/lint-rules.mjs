// Lint rules of this workspace, as an ESLint plugin: `floors` (who may import whom) and `doors` (what a package shows).

import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { SOLE_IMPORTERS, importProblem } from './floors.mjs';

const PROJECT_KINDS = new Set(['libs', 'services', 'tools']);
const BUILTINS = new Set(builtinModules);

/** Imports go down the floors, by package name, and only to packages that the project's package.json names. */
const floors = {
  meta: { type: 'problem', schema: [], messages: { floor: '{{why}}' } },
  create(context) {
    const project = projectOf(context);
    if (!project) return {};
    return onImports((node, source) => {
      const why = source.startsWith('.')
        ? relativeProblem(context, project, source)
        : packageProblem(project, source);
      if (why) context.report({ node, messageId: 'floor', data: { why } });
    });
  },
};

/** An index.ts lists by hand what its package shows; there are no default exports but in plugins. */
const doors = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      star: 'index.ts is the list of what this package shows: name each export instead of `export *`',
      byDefault: 'export by name: a default export has another name in every file that imports it',
    },
  },
  create(context) {
    return {
      ExportAllDeclaration(node) {
        if (path.basename(context.filename) === 'index.ts') context.report({ node, messageId: 'star' });
      },
      ExportDefaultDeclaration(node) {
        if (!isPluginsDoor(context.filename)) context.report({ node, messageId: 'byDefault' });
      },
    };
  },
};

export const espalierPlugin = { meta: { name: 'espalier' }, rules: { floors, doors } };

/** In a folder `plugins`, or the index.ts of a shipped plugin, libs/plugin-NAME. */
function isPluginsDoor(file) {
  const parts = file.split(path.sep);
  const [project, source, name] = parts.slice(-3);
  return (
    parts.includes('plugins') || (project.startsWith('plugin-') && source === 'src' && name === 'index.ts')
  );
}

/** Calls `check(node, source)` for import, export from, import() and require of a fixed name. */
function onImports(check) {
  const declaration = (node) => node.source && check(node.source, node.source.value);
  return {
    ImportDeclaration: declaration,
    ExportNamedDeclaration: declaration,
    ExportAllDeclaration: declaration,
    ImportExpression: (node) => isText(node.source) && check(node.source, node.source.value),
    TSImportType: (node) => isText(node.source) && check(node.source, node.source.value),
    TSExternalModuleReference: (node) =>
      isText(node.expression) && check(node.expression, node.expression.value),
    CallExpression(node) {
      const [first] = node.arguments;
      if (node.callee.name === 'require' && isText(first)) check(first, first.value);
    },
  };
}

function isText(node) {
  return node?.type === 'Literal' && typeof node.value === 'string';
}

/** @returns {kind, name, folder} of the project that the file is in; undefined for test/ and the root. */
function projectOf(context) {
  const [kind, name] = path.relative(context.cwd, context.filename).split(path.sep);
  if (!PROJECT_KINDS.has(kind)) return undefined;
  return { kind, name, folder: path.join(context.cwd, kind, name) };
}

function relativeProblem(context, project, source) {
  const target = path.resolve(path.dirname(context.filename), source);
  const inside = target === project.folder || target.startsWith(project.folder + path.sep);
  return inside
    ? undefined
    : `"${source}" leaves ${project.kind}/${project.name}; import other projects by package name`;
}

function packageProblem(project, source) {
  const bare = source.replace(/^node:/, '');
  if (source.startsWith('node:') || BUILTINS.has(bare)) return undefined;
  const sole = SOLE_IMPORTERS.find(({ pattern }) => pattern.test(source));
  if (sole && !(project.kind === 'libs' && project.name === sole.lib)) {
    return `only libs/${sole.lib} imports ${sole.name}; go through @espalier/${sole.lib}`;
  }
  const packageName = source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/');
  const manifest = readManifest(path.join(project.folder, 'package.json'));
  if (packageName === manifest?.name) return `${project.name} imports itself by name; use a relative path`;
  if (packageName.startsWith('@espalier/')) {
    const name = packageName.slice('@espalier/'.length);
    const why = importProblem(project, name);
    if (why) return why;
    const shown = readManifest(path.join(project.folder, '../../libs', name, 'package.json'))?.exports ?? {};
    const door = `.${source.slice(packageName.length)}`;
    if (!(door in shown))
      return `"${source}" reaches into ${packageName}; import what its package.json exports`;
  }
  if (manifest && !isDeclared(project, manifest, packageName)) {
    return `${packageName} is not in ${project.kind}/${project.name}/package.json; add it to its dependencies`;
  }
  return undefined;
}

/** The root's own dependencies (tsx) may be used by every project, and what tests alone use stands there too. */
function isDeclared(project, manifest, name) {
  const root = readManifest(path.join(project.folder, '../../package.json'));
  const tables = [
    manifest.dependencies,
    manifest.devDependencies,
    manifest.optionalDependencies,
    root?.dependencies,
  ];
  return tables.some((table) => table?.[name] !== undefined) || name === 'fast-check';
}

const manifests = new Map();

function readManifest(file) {
  if (!manifests.has(file))
    manifests.set(file, fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined);
  return manifests.get(file);
}
