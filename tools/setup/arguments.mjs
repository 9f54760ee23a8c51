// The command line of set-up. `npm start -- X` arrives as `--then run X`: what follows --then belongs to the next.

export const DEFAULT_RECIPE = 'recipes/lenet-300-100.yaml';

/** @returns {help, verbose, then: 'run' | 'test' | 'none', rest: arguments for what comes then}. */
export function parseArguments(args) {
  const options = { help: false, verbose: false, then: 'none', rest: [] };
  let index = 0;
  for (; index < args.length && options.then === 'none'; index++) {
    const arg = args[index];
    if (arg === '--help' || arg === '-h') options.help = true;
    else if (arg === '--verbose') options.verbose = true;
    else if (arg === '--then') options.then = parseThen(args[++index]);
    else throw new Error(`unknown argument "${arg}"; see --help`);
  }
  const rest = args.slice(index);
  if (rest[0] === '--') rest.shift();
  options.rest = options.then === 'run' ? runArguments(rest) : rest;
  return options;
}

function parseThen(value) {
  if (value === 'run' || value === 'test') return value;
  if (value === 'none') return 'none';
  throw new Error(
    `--then is ${value === undefined ? 'without a value' : `"${value}"`}; it may be run, test or none`,
  );
}

/** The arguments of `espalier`: the default recipe, unless a recipe or a run to resume is named, or help is asked. */
function runArguments(rest) {
  const named = rest.some((arg) => /\.ya?ml$/.test(arg) || /^(--resume(=.*)?|--help|-h)$/.test(arg));
  return ['run', ...(named ? [] : [DEFAULT_RECIPE]), ...rest];
}
