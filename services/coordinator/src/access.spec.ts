import { allows, bearer, originAllowed, scopesOf, type AccessToken } from './access';

const TOKENS: AccessToken[] = [
  { token: 'work', scopes: ['service'] },
  { token: 'hand', scopes: ['steer'] },
];

describe('access', () => {
  it('knows a token by all of its letters', () => {
    expect(scopesOf(TOKENS, 'work')).toEqual(['service']);
    for (const wrong of ['wor', 'work ', 'WORK', '', undefined])
      expect(scopesOf(TOKENS, wrong)).toBeUndefined();
  });

  it('lets who may steer look, and nobody do more than the token says', () => {
    expect(allows(['steer'], 'viewer')).toBe(true);
    expect(allows(['viewer'], 'steer')).toBe(false);
    expect(allows(['service'], 'steer')).toBe(false);
  });

  it('reads a bearer token and nothing else', () => {
    expect(bearer('Bearer abc')).toBe('abc');
    expect(bearer('bearer abc')).toBe('abc');
    for (const header of [undefined, '', 'abc', 'Basic abc', 'Bearer a b'])
      expect(bearer(header)).toBeUndefined();
  });

  it('asks pages for their origin, and programs for none', () => {
    expect(originAllowed(undefined, [])).toBe(true);
    expect(originAllowed('http://a', ['http://a'])).toBe(true);
    expect(originAllowed('http://a.evil', ['http://a'])).toBe(false);
    expect(originAllowed('null', [])).toBe(false);
  });
});
