# The programs: api-server, backupd and healthd.
# From deploy.toml, made by `cargo xtask manifests`: change that, not this.
# From the root of the repository:
#   docker build --file docker/backend.Dockerfile --target production --tag registry.example.org/team/magnetiq-backend:2.0.0 .
#
# What it is made from. Take a digest instead of a tag to build the same bytes next year.
ARG RUST_IMAGE=rust:1.95.0-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot
# `prebuilt` takes what was compiled before, docker/programs/magnetiq, instead of compiling: `cargo xtask images --programs DIR`.
ARG PROGRAMS=build

# The page, which the server carries within it.
FROM ${NODE_IMAGE} AS page
WORKDIR /src/crates/web/ui
COPY crates/web/ui/package.json crates/web/ui/package-lock.json ./
RUN --mount=type=cache,id=magnetiq-npm,target=/root/.npm npm ci --no-audit --no-fund
COPY crates/web/ui ./
RUN npm run build

# The programs. What others wrote is compiled into a cache of its own and stays there until Cargo.lock changes; what we wrote is newer than
# anything in it, because COPY gives files the time of the commit, which could be older than a build of another one.
# Kernels of ARM have pages of 4, 16 or 64 KiB: jemalloc runs on those for which it was made, and on smaller ones.
FROM ${RUST_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY crates crates
COPY bins bins
COPY xtask xtask
COPY tests tests
COPY --from=page /src/crates/web/ui/dist crates/web/ui/dist
ENV RUSTFLAGS="--remap-path-prefix=/src=/magnetiq"
RUN --mount=type=cache,id=magnetiq-cargo,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=magnetiq-target-${TARGETARCH},target=/src/target,sharing=locked \
    find crates bins xtask tests -name '*.rs' -exec touch {} + \
    && if [ "$(uname -m)" = aarch64 ]; then export JEMALLOC_SYS_WITH_LG_PAGE=16; fi \
    && cargo build --release --locked --package magnetiq \
    && install -D target/release/magnetiq /out/bin/magnetiq

FROM ${RUST_IMAGE} AS prebuilt
COPY docker/programs/ /out/bin/

# What comes onto the base, as it will lie there: one program and its three names, and every folder that a volume is mounted on, so that the
# volume belongs to the user of the programs.
FROM ${PROGRAMS} AS files
# Of the commit: nothing in an image is as old as its build, so that the same sources give the same bytes.
ARG SOURCE_DATE_EPOCH=0
WORKDIR /out/root
RUN install -D -m 0755 /out/bin/magnetiq usr/local/bin/magnetiq \
    && for name in api-server backupd healthd; do ln -s magnetiq usr/local/bin/$name; done \
    && install -d -o 65532 -g 65532 -m 0755 var/lib/magnetiq \
    && cd var/lib/magnetiq && install -d -o 65532 -g 65532 -m 0750 database media backups health \
    && find /out/root -exec touch -h -d @${SOURCE_DATE_EPOCH} {} +

# cargo with the sources mounted at /src: builds again when they change.
FROM ${RUST_IMAGE} AS development
ENV CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target
RUN if command -v rustup; then rustup component add clippy rustfmt; fi \
    && install -d -m 0777 /cache /cache/cargo /cache/target /data
WORKDIR /src
EXPOSE 3036
HEALTHCHECK --interval=10s --timeout=5s --start-period=15m --retries=3 CMD ["curl", "--fail", "--silent", "--max-time", "4", "http://127.0.0.1:3036/livez"]
CMD ["cargo", "xtask", "dev", "--no-web", "--data", "/data"]

# No shell, no package manager, no root: the programs, what they need to run, and their folders.
FROM ${RUNTIME_IMAGE} AS production
ARG VERSION=2.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="magnetiq-backend" \
      org.opencontainers.image.description="A small site on one SQLite file: server, backups, watcher" \
      org.opencontainers.image.source="https://github.com/magnetiq/magnetiq" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# At once: a second copy would give the folders that it adds to the time of the build.
COPY --from=files /out/root/ /
USER 65532:65532
WORKDIR /var/lib/magnetiq
EXPOSE 3036 3037 3038
# For the server; whoever runs another program of the image says how that one is.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/healthd", "check", "--url", "http://127.0.0.1:3036/readyz", "--timeout", "4"]
ENTRYPOINT ["/usr/local/bin/api-server"]
CMD ["serve"]
