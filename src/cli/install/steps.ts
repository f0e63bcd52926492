import { SYSCTL, UNIT, VARIABLES } from './files.ts';

const DOMAIN = 'shop.example';

/** What to do after the files are written. */
export const nextSteps = (port: number): string => `next:
  look at ${VARIABLES}: every variable is explained there
  sysctl -p ${SYSCTL}
  systemctl daemon-reload && systemctl enable --now edgars
  journalctl -u edgars -f         # address, and where the first owner's password is
  systemctl restart edgars        # after a change of the variables; after an update: systemctl reload edgars
a word beside the service, with its variables:
  sh -c 'set -a; . ${VARIABLES}; ./start.sh status'
TLS in front: set HOST=127.0.0.1 and TRUST_PROXY=1 in ${VARIABLES}, restart, and give one of these your domain:
  Caddy, in /etc/caddy/Caddyfile
    ${DOMAIN} {
      reverse_proxy 127.0.0.1:${port}
    }
  nginx, in /etc/nginx/conf.d/edgars.conf
    server {
      listen 443 ssl;
      server_name ${DOMAIN};
      ssl_certificate /etc/letsencrypt/live/${DOMAIN}/fullchain.pem;
      ssl_certificate_key /etc/letsencrypt/live/${DOMAIN}/privkey.pem;
      location / {
        proxy_pass http://127.0.0.1:${port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      }
    }`;

export const HELP = `Usage: ./start.sh install [--root DIR] [--user NAME] [--port N]

Makes this folder a systemd service. As root it writes
  ${UNIT}     the service edgars, shut in as far as it goes
  ${VARIABLES}                         its variables, when there is no such file yet
  ${SYSCTL}          no request is lost in a reload
makes the user when there is none, and says what to do next. It starts nothing; again it changes nothing.

  --root DIR    write below DIR instead of / (needs no root, makes no user)
  --user NAME   whom the service runs as: as installed before, else edgars
  --port N      its port: as installed before, else 5000`;
