import { stagesPlanner } from './stages-planner';

describe('the report of a run', () => {
  it('names no engine that nobody told', () => {
    const report = (engine: null | { backend: string }) => () =>
      stagesPlanner.buildReport({}, [], { run: 'run-1', stages: [], engine });
    expect(report(null)).toThrow(/COORDINATOR_ENGINE.*null/);
    expect(report({ backend: 'native' })).toThrow(/COORDINATOR_ENGINE.*"native"/);
  });
});
