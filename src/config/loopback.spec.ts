import { LOOPBACK_ORIGIN, isLoopbackAuthority } from './loopback';

const NAMES = ['localhost', '127.0.0.1', '127.8.9.10', '[::1]'];
const OTHERS = [
  'evil.example',
  '10.0.0.1',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'xlocalhost',
  '',
];

describe('loopback', () => {
  it.each(NAMES)('%s is a loopback name with any port', (name) => {
    for (const authority of [name, `${name}:1`, name.toUpperCase()]) {
      expect(isLoopbackAuthority(authority)).toBe(true);
    }
    for (const origin of [`http://${name}`, `https://${name}:5173`]) expect(origin).toMatch(LOOPBACK_ORIGIN);
  });

  it.each(OTHERS)('%j is not a loopback name', (name) => {
    for (const authority of [name, `${name}:80`, `${name}@localhost`, `localhost:80@${name}`]) {
      expect(isLoopbackAuthority(authority)).toBe(false);
    }
    for (const origin of [`http://${name}`, `http://${name}:80`, `http://localhost:80@${name}`, 'null']) {
      expect(origin).not.toMatch(LOOPBACK_ORIGIN);
    }
  });
});
