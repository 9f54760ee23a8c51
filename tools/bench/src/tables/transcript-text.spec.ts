import { transcriptLines } from './transcript-text';

describe('transcriptLines', () => {
  it('ends with the second table', () => {
    const said = 'train done\n\n| a |\n| - |\n| 1 |\n\n| b |\n| - |\n\n| c |\nIn this run\n';
    expect(transcriptLines(said)).toEqual([
      'train done',
      '',
      '| a |',
      '| - |',
      '| 1 |',
      '',
      '| b |',
      '| - |',
    ]);
  });
});
