import { type Container, containers, docker, inEach } from './support/stack';

const OWN_SERVICES = ['balancer', 'gateway', 'engine'] as const;
const APPLICATIONS = ['gateway', 'engine'] as const;
const ALL_SERVICES = [...OWN_SERVICES, 'localstack'] as const;
const PROCESS_1 = '/proc/1/status';

const each = async (service: string, check: (container: Container) => void): Promise<void> => {
  const found = await containers(service);
  expect(found).not.toEqual([]);
  found.forEach(check);
};

const fields = (status: string): Record<string, string> =>
  Object.fromEntries(status.split('\n').map((line) => line.split(/:\s*/, 2) as [string, string]));

describe('every container', () => {
  it.each(ALL_SERVICES)('%s is healthy, has limits and a restart policy', async (service) => {
    await each(service, ({ State, HostConfig }) => {
      expect(State.Health.Status).toBe('healthy');
      expect(HostConfig.Memory).toBeGreaterThan(0);
      expect(HostConfig.NanoCpus).toBeGreaterThan(0);
      expect(HostConfig.PidsLimit).toBeGreaterThan(0);
      expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped');
    });
  });

  it.each(ALL_SERVICES)('%s publishes ports on loopback only', async (service) => {
    await each(service, ({ NetworkSettings }) => {
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      expect(published).toHaveLength(service === 'engine' ? 0 : 1);
      for (const { HostIp } of published) expect(HostIp).toBe('127.0.0.1');
    });
  });
});

describe('a container of the service', () => {
  it.each(OWN_SERVICES)('%s is unprivileged and mounts nothing of the host', async (service) => {
    await each(service, ({ HostConfig, Mounts }) => {
      expect(HostConfig).toMatchObject({
        Privileged: false,
        ReadonlyRootfs: true,
        CapAdd: null,
        CapDrop: ['ALL'],
        Binds: null,
      });
      expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
      expect(Mounts).toEqual([]);
    });
  });

  it.each(OWN_SERVICES)('%s runs as an unprivileged user without capabilities', async (service) => {
    for (const status of await inEach(service, 'cat', PROCESS_1)) {
      const { Uid, Gid, CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp } = fields(status);
      for (const ids of [Uid, Gid]) expect(ids?.split('\t')).not.toContain('0');
      for (const set of [CapInh, CapPrm, CapEff, CapBnd, CapAmb]) expect(set).toMatch(/^0+$/);
      expect([NoNewPrivs, Seccomp]).toEqual(['1', '2']);
    }
  });

  it.each(OWN_SERVICES)('%s cannot write to its image', async (service) => {
    const script = 'for path in / /app /usr/local/bin /etc /root /tmp; do touch $path/x 2>&1; done; exit 0';
    for (const output of await inEach(service, 'sh', '-c', script)) {
      expect(output.split('\n')).toHaveLength(6);
      for (const line of output.split('\n')) expect(line).toMatch(/Read-only file system|Permission denied/);
    }
  });

  it.each(APPLICATIONS)('%s contains only what runs in production', async (service) => {
    const script = 'ls -A /app; ls -d node_modules/jest node_modules/@nestjs/cli 2>/dev/null; id -u; exit 0';
    for (const output of await inEach(service, 'sh', '-c', script)) {
      expect(output.split('\n')).toEqual(['dist', 'node_modules', 'package.json', '1000']);
    }
  });
});

describe('the engine container', () => {
  it('has only the security options that its sandboxes need', async () => {
    await each('engine', ({ HostConfig }) => {
      const names = HostConfig.SecurityOpt?.map((option) => option.split(/[:=]/)[0]);
      expect(names?.sort()).toEqual(['apparmor', 'no-new-privileges', 'seccomp']);
    });
  });

  it('reaches neither the storage nor the internet', async () => {
    const [storage] = await containers('localstack');
    const addresses = Object.values(storage?.NetworkSettings.Networks ?? {}).map(
      ({ IPAddress }) => IPAddress,
    );
    expect(addresses).not.toEqual([]);
    for (const host of [...addresses, 'localstack', '192.0.2.1']) {
      const code = `require('net').connect({ host: '${host}', port: 4566, timeout: 1000 })
        .on('connect', () => process.exit(1)).on('timeout', () => process.exit(0)).on('error', () => process.exit(0))`;
      const [engine] = await containers('engine');
      await docker('exec', engine?.Id ?? '', 'node', '-e', code);
    }
  });
});
