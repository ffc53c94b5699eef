# nginx before everything.
# From deploy.toml, made by `cargo xtask manifests`: change that, not this.
# From the root of the repository:
#   docker build --file docker/proxy.Dockerfile --target production --tag registry.example.org/team/magnetiq-proxy:2.0.0 .
#
# What it is made from. Take a digest instead of a tag to build the same bytes next year.
ARG NGINX_IMAGE=nginx:1.30

# What comes onto the base, as it will lie there, and every folder that a volume is mounted on, so that the volume belongs to the user.
FROM ${NGINX_IMAGE} AS files
USER 0:0
COPY docker/proxy/pages/ /out/root/srv/proxy/
COPY docker/proxy/start.sh /out/root/usr/local/bin/proxy
COPY docker/proxy/nginx.conf /out/root/etc/nginx/nginx.conf
# Of the commit: nothing in an image is as old as its build, so that the same sources give the same bytes.
ARG SOURCE_DATE_EPOCH=0
WORKDIR /out/root
RUN chmod -R a+rX,go-w . && install -d -o 65532 -g 65532 -m 0750 ./var/lib/magnetiq/proxy && install -d -o 65532 -g 65532 -m 0755 ./var/lib/magnetiq/acme ./etc/magnetiq/tls \
    && find . -exec touch -h -d @${SOURCE_DATE_EPOCH} {} +

FROM ${NGINX_IMAGE} AS production
ARG VERSION=2.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="magnetiq-proxy" \
      org.opencontainers.image.description="nginx before a small site: TLS, limits, security headers" \
      org.opencontainers.image.source="https://github.com/magnetiq/magnetiq" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# At once: a second copy would give the folders that it adds to the time of the build.
COPY --from=files /out/root/ /
USER 65532:65532
EXPOSE 8080 8443
STOPSIGNAL SIGQUIT
# Whether nginx answers at all: a host that is not ours gets no answer on purpose, so a connection is what is asked for.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["curl", "--fail", "--silent", "--max-time", "4", "--header", "Host: www.example.org", "http://127.0.0.1:8080/"]
ENTRYPOINT ["/bin/sh", "/usr/local/bin/proxy"]
