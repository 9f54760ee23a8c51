import { refuseBesideResume } from './run';

describe('run --resume', () => {
  it('refuses what it could not follow: a recipe, changes of it, a seed, threads', () => {
    const nothing = { resume: 'last', set: [] };
    expect(() => refuseBesideResume(undefined, nothing)).not.toThrow();
    expect(() => refuseBesideResume('r.yaml', { set: ['seed=1'], seed: 2, threads: 1 })).not.toThrow();
    expect(() => refuseBesideResume('r.yaml', nothing)).toThrow(
      /^CLI_RESUME_WITH: --resume last .* the recipe "r.yaml" cannot be given/,
    );
    expect(() => refuseBesideResume(undefined, { ...nothing, set: ['seed=1'], seed: 0, threads: 1 })).toThrow(
      '--set, --seed, --threads',
    );
  });
});
