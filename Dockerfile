# Three images: `docker build --target gateway .`, and likewise `engine` and `balancer`.
# Dependencies come before the source, so that a change of the source repeats no download.
FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

# Production dependencies only. No package needs its install scripts.
FROM base AS dependencies
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM base AS build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

# tini is process 1: it forwards signals to Node and reaps orphaned processes.
FROM base AS runtime
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && apt-get install --yes --no-install-recommends tini
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM runtime AS gateway
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
ENV SERVER_HOST=0.0.0.0
EXPOSE 8000
USER node
HEALTHCHECK --start-period=60s --start-interval=1s --interval=10s --timeout=5s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8000/api/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1))"]
CMD ["node", "dist/main.js"]

FROM runtime AS balancer
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && apt-get install --yes --no-install-recommends haproxy
COPY deploy/haproxy.cfg /etc/haproxy/
EXPOSE 8000
USER haproxy
# Lets connections finish; SIGTERM would close them and cancel their executions.
STOPSIGNAL SIGUSR1
HEALTHCHECK --start-period=60s --start-interval=1s --interval=10s --timeout=5s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8000/api/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1))"]
CMD ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]

FROM runtime AS engine
# bubblewrap and Perl are for the sandbox, the rest are toolchains. JavaScript uses the image's Node; TypeScript is one of
# the npm dependencies.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        bash bubblewrap default-jdk-headless g++ gcc golang-go libc6-dev lua5.4 perl php-cli python3 ruby
# A volume that is mounted here inherits this owner, the user of the engine.
RUN install --directory --owner=node --group=node /var/lib/service-server-engine
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
ENV ENGINE_HOST=0.0.0.0 \
    ENGINE_SANDBOX=bubblewrap \
    ENGINE_WORK_DIR=/var/lib/service-server-engine
EXPOSE 9000
USER node
HEALTHCHECK --start-period=60s --start-interval=1s --interval=10s --timeout=5s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:9000/health').then(({ ok }) => process.exit(ok ? 0 : 1))"]
CMD ["node", "dist/engine/main.js"]
