# syntax=docker/dockerfile:1
# Two images: the service, and a demo with everything on one machine.
#   docker build -t ringonce .
#   docker build -t ringonce-demo --target demo .
#
# By tag and not by digest: a digest that nobody renews keeps old holes open. Whoever wants to be certain what is built
# gives one: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

# --- Everything, to build with -----------------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The lock file decides, and no package runs a script.
RUN npm ci --ignore-scripts
COPY .swcrc ./
COPY src src
COPY sandbox sandbox
COPY scripts scripts
# The service's commands without those that are for development.
RUN npm run build \
 && mkdir commands \
 && cp dist/scripts/*.js dist/scripts/*.js.map commands/ \
 && rm commands/demo* commands/dev.* commands/openapi*

# --- The packages that run in production: no compiler, no tests, no PostgreSQL -------------------------------------
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Types and source maps of packages are a third of their size, and nothing loads them.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

# --- The same, and the PostgreSQL that local mode starts -----------------------------------------------------------
FROM ${NODE_IMAGE} AS demo-dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The scripts that package.json allows unpack the PostgreSQL.
RUN npm ci --omit=dev \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

# --- What the two images have in common ----------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS base
LABEL org.opencontainers.image.title="Ringonce" \
      org.opencontainers.image.description="Queues outbound AI phone calls and places each one once" \
      org.opencontainers.image.licenses="MIT"
# Nothing in a running container installs anything. The directory is where a volume goes: one that is mounted there for
# the first time takes over its owner. Everything else belongs to root, so that the service cannot change itself.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && install -d -o 1000 -g 1000 -m 0700 /var/lib/ringonce /var/lib/ringonce/demo /var/lib/ringonce/secrets
WORKDIR /app
COPY LICENSE package.json ./
COPY drizzle drizzle
# Node is the first process and handles the signal itself: it stops in order, and needs no init before it.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps"]

# --- docker build --target demo: `npm run demo`, with all that it needs --------------------------------------------
FROM base AS demo
ENV DATA_DIR=/var/lib/ringonce/demo PORT=3010
COPY --from=demo-dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER 1000:1000
EXPOSE 3010
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=3 CMD ["node", "dist/scripts/healthcheck.js"]
CMD ["dist/scripts/demo-in-container.js"]

# --- docker build: the service, and the commands that belong to it -------------------------------------------------
FROM base AS service
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/commands dist/scripts
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["node", "dist/scripts/healthcheck.js"]
CMD ["dist/src/main.js"]
