import { compareHref, fileHref, parseRoute, runHref } from './route';

describe('an address', () => {
  it('of nothing is the list of runs', () => {
    expect(parseRoute('')).toEqual({ view: 'runs' });
    expect(parseRoute('#/runs')).toEqual({ view: 'runs' });
  });

  it('of a run names the run and its tab', () => {
    expect(parseRoute(runHref('20261124-1'))).toEqual({ view: 'run', id: '20261124-1', tab: 'overview' });
    expect(parseRoute(runHref('20261124-1', 'masks'))).toEqual({
      view: 'run',
      id: '20261124-1',
      tab: 'masks',
    });
  });

  it('of a run may name a stage, a round, or series', () => {
    const masks = { view: 'run', id: 'r1', tab: 'masks', round: 3 };
    expect(parseRoute(runHref('r1', 'masks', { round: 3 }))).toEqual(masks);
    expect(parseRoute('#/runs/r1/masks?round=third')).not.toHaveProperty('round');
    const layers = { view: 'run', id: 'r1', tab: 'layers', stage: 'prune 3' };
    expect(parseRoute(runHref('r1', 'layers', { stage: 'prune 3' }))).toEqual(layers);
    const series = { view: 'run', id: 'r1', tab: 'series', show: ['loss', 'plugin/a&b/c,d'] };
    expect(parseRoute(runHref('r1', 'series', { show: series.show }))).toEqual(series);
  });

  it('of a comparison names its runs in order', () => {
    expect(parseRoute(compareHref(['b', 'a']))).toEqual({ view: 'compare', ids: ['b', 'a'] });
    expect(parseRoute('#/compare')).toEqual({ view: 'compare', ids: [] });
  });

  it('of a file may name the run that made it', () => {
    expect(parseRoute(fileHref())).toEqual({ view: 'file' });
    expect(parseRoute(fileHref('r1'))).toEqual({ view: 'file', run: 'r1' });
  });

  it.each(['#/runs/a/nothing', '#/runs/a/log/more', '#/elsewhere'])('%s is unknown', (fragment) => {
    expect(parseRoute(fragment)).toEqual({ view: 'unknown', path: fragment.slice(1) });
  });
});
