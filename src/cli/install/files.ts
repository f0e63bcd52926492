import { CONFIG_TABLE } from '../../config.ts';

export const UNIT = '/etc/systemd/system/edgars.service';
export const VARIABLES = '/etc/edgars.env';
export const SYSCTL = '/etc/sysctl.d/90-edgars.conf';
export const STATE = '/var/lib/edgars';

export interface Service {
  user: string;
  port: number;
  bun: string;
  project: string;
  /** GRACE_S of the variables' file, or its default. */
  graceS: number;
}

// After the grace: the supervisor's own end, and up to 40 s for the embedded PostgreSQL to write everything down.
const END_S = 60;

export const unitText = (
  service: Service,
): string => `# Written by ./start.sh install; changes go into a drop-in: systemctl edit edgars
[Unit]
Description=Edgar's Mobile Auto Shop
After=network-online.target postgresql.service
Wants=network-online.target
# A database that is away at the start is waited for, however long that takes.
StartLimitIntervalSec=0

[Service]
Type=exec
User=${service.user}
WorkingDirectory=${escaped(service.project)}
Environment=PORT=${service.port}
Environment=DATA_DIR=${STATE}
EnvironmentFile=-${VARIABLES}
ExecStart=${quoted(service.bun)} --no-env-file ${quoted(`${service.project}/src/main.ts`)}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5
# The supervisor ends its workers, and PostgreSQL last; what is left after it is killed.
KillMode=mixed
# GRACE_S (${service.graceS}), and time for the database to end.
TimeoutStopSec=${service.graceS + END_S}
LimitNOFILE=65536
StateDirectory=edgars
StateDirectoryMode=0700
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=${isInHome(service) ? 'read-only' : 'yes'}
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute must stay off: Bun's JIT compiler writes the code that it runs.

[Install]
WantedBy=multi-user.target
`;

export const SYSCTL_TEXT = `# Written by ./start.sh install. Connections that wait at a worker which ends go over to another one,
# instead of being reset: a reload then loses no request (Linux 5.14 or later).
net.ipv4.tcp_migrate_req = 1
`;

/** Every variable with its default; DATA_DIR alone counts, so that the words beside the service find its data. */
export const variablesText = (): string =>
  [
    '# The variables of edgars.service, read at its start: systemctl restart edgars after a change.',
    "# In quotes where a value has a space: SHOP_NAME='Wheels and More'",
    `DATA_DIR=${STATE}`,
    ...CONFIG_TABLE.filter(({ name }) => name !== 'DATA_DIR').flatMap(
      ({ name, default: value, description }) => ['', `# ${description} (${value})`, `#${name}=`],
    ),
    '',
  ].join('\n');

export const isInHome = ({ bun, project }: Pick<Service, 'bun' | 'project'>): boolean =>
  [bun, project].some((path) => /^\/(?:home|root|run\/user)\//.test(`${path}/`));

// % begins a specifier. What else has a meaning for systemd is refused before: see placeFault.
const escaped = (path: string): string => path.replaceAll('%', '%%');
const quoted = (path: string): string => `"${escaped(path)}"`;
