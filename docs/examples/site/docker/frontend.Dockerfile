# The page on nginx.
# From deploy.toml, made by `cargo xtask manifests`: change that, not this.
# From the root of the repository:
#   docker build --file docker/frontend.Dockerfile --target production --tag registry.example.org/team/magnetiq-frontend:2.0.0 .
#
# What it is made from. Take a digest instead of a tag to build the same bytes next year.
ARG NODE_IMAGE=node:22-bookworm-slim
ARG NGINX_IMAGE=nginx:1.30
# `prebuilt` takes a page that was built before, from docker/page/, instead of building it: `cargo xtask images --page DIR`.
ARG PAGE=build

FROM ${NODE_IMAGE} AS build
WORKDIR /src/crates/web/ui
COPY crates/web/ui/package.json crates/web/ui/package-lock.json ./
RUN --mount=type=cache,id=magnetiq-npm,target=/root/.npm npm ci --no-audit --no-fund
COPY crates/web/ui ./
RUN npm run build && install -d /out && cp -r dist /out/page

FROM ${NGINX_IMAGE} AS prebuilt
USER 0:0
COPY docker/page/ /out/page/

# What comes onto the base, as it will lie there.
FROM ${PAGE} AS files
COPY docker/frontend/nginx.conf /out/root/etc/nginx/nginx.conf
# Of the commit: nothing in an image is as old as its build, so that the same sources give the same bytes.
ARG SOURCE_DATE_EPOCH=0
WORKDIR /out/root
RUN install -d srv && cp -r /out/page srv/page && chmod -R a+rX,go-w . && find . -exec touch -h -d @${SOURCE_DATE_EPOCH} {} +

# Vite with the sources mounted at /src: the browser has a change before you look up.
FROM ${NODE_IMAGE} AS development
ENV npm_config_cache=/tmp/npm
WORKDIR /src/crates/web/ui
RUN install -d -m 0777 node_modules
EXPOSE 8036
CMD ["sh", "-c", "npm ci --no-audit --no-fund && exec npm run dev -- --host 0.0.0.0"]

FROM ${NGINX_IMAGE} AS production
ARG VERSION=2.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="magnetiq-frontend" \
      org.opencontainers.image.description="The page of a small site" \
      org.opencontainers.image.source="https://github.com/magnetiq/magnetiq" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# At once: a second copy would give the folders that it adds to the time of the build.
COPY --from=files /out/root/ /
USER 65532:65532
EXPOSE 8036
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["curl", "--fail", "--silent", "--max-time", "4", "http://127.0.0.1:8036/__magnetiq/health"]
ENTRYPOINT ["nginx", "-g", "daemon off;"]
