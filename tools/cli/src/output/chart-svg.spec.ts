import { chartSvg } from './chart-svg';

describe('chart', () => {
  const svg = chartSvg(
    [
      {
        name: 'fc1 <retrained>',
        colour: 0,
        points: [
          [0, 0.01],
          [0.5, 0.02],
          [1, 0.09],
        ],
      },
      {
        name: 'fc2',
        colour: 1,
        dashed: true,
        points: [
          [0, 0.01],
          [1, 0.04],
        ],
      },
    ],
    { title: 'Sensitivity', x: 'pruned', y: 'error' },
  );

  it('draws one line a series between the axes', () => {
    const lines = [...svg.matchAll(/<polyline points="([^"]*)"/g)].map((match) => match[1].split(' ').length);
    expect(lines).toEqual([3, 2]);
    expect(svg).toContain('stroke-dasharray');
  });

  it('ends the axis at the next round number', () => {
    expect(svg).toContain('>10 %</text>');
  });

  it('escapes names', () => {
    expect(svg).toContain('fc1 &lt;retrained&gt;');
    expect(svg).not.toContain('<retrained>');
  });
});
