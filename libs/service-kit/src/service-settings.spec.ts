import { takeSettings } from './run-as-child';
import { parseServiceSettings } from './service-settings';
import { SETTINGS_VARIABLE } from './supervise-child';

const GOOD = { hubUrl: 'ws://127.0.0.1:1/hub', token: 't', dir: '/tmp/x' };

describe('the settings of a service', () => {
  it('come as JSON in the environment and are taken out of it', () => {
    const env = { [SETTINGS_VARIABLE]: JSON.stringify(GOOD) };
    expect(takeSettings('trainer', env)).toEqual(GOOD);
    expect(env).toEqual({});
  });

  it('are an error when they are missing or no JSON', () => {
    expect(() => takeSettings('trainer', {})).toThrow(/SERVICE_CONFIG.*trainer.*not set/);
    expect(() => takeSettings('trainer', { [SETTINGS_VARIABLE]: '{' })).toThrow(/not JSON/);
  });

  it('are rebuilt field by field', () => {
    const listen = { host: '0.0.0.0', port: 7001 };
    const settings = parseServiceSettings('trainer', {
      ...GOOD,
      listen,
      threads: 2,
      maxStoreBytes: 1e9,
      other: 1,
    });
    expect(settings).toMatchObject({ ...GOOD, listen, threads: 2, maxStoreBytes: 1e9 });
    expect(settings).not.toHaveProperty('other');
  });

  it('name the field that is wrong', () => {
    expect(() => parseServiceSettings('trainer', { ...GOOD, token: '' })).toThrow(/"token" is missing/);
    expect(() => parseServiceSettings('trainer', { ...GOOD, threads: '2' })).toThrow(
      /"threads" must be a number/,
    );
    expect(() => parseServiceSettings('trainer', [])).toThrow(/JSON object/);
  });
});
