@{header}
# From the root of the repository:
#   docker build --file docker/proxy.Dockerfile --target production --tag @{tagged} .
#
# What it is made from. Take a digest instead of a tag to build the same bytes next year.
ARG NGINX_IMAGE=@{nginx}

# What comes onto the base, as it will lie there, and every folder that a volume is mounted on, so that the volume belongs to the user.
FROM ${NGINX_IMAGE} AS files
USER 0:0
COPY docker/proxy/pages/ /out/root@{pages}/
COPY docker/proxy/start.sh /out/root/usr/local/bin/proxy
COPY docker/proxy/nginx.conf /out/root/etc/nginx/nginx.conf
# Of the commit: nothing in an image is as old as its build, so that the same sources give the same bytes.
ARG SOURCE_DATE_EPOCH=0
WORKDIR /out/root
RUN chmod -R a+rX,go-w . && install -d -o @{user} -g @{user} -m 0750 .@{state} && install -d -o @{user} -g @{user} -m 0755 .@{acme} .@{tls} \
    && find . -exec touch -h -d @${SOURCE_DATE_EPOCH} {} +

FROM ${NGINX_IMAGE} AS production
ARG VERSION=@{tag}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="magnetiq-proxy" \
      org.opencontainers.image.description="nginx before a small site: TLS, limits, security headers" \
      org.opencontainers.image.source="@{source}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# At once: a second copy would give the folders that it adds to the time of the build.
COPY --from=files /out/root/ /
USER @{user}:@{user}
EXPOSE @{http_port} @{https_port}
STOPSIGNAL SIGQUIT
# Whether nginx answers at all: a host that is not ours gets no answer on purpose, so a connection is what is asked for.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["curl", "--fail", "--silent", "--max-time", "4", "--header", "Host: @{domain}", "http://127.0.0.1:@{http_port}/"]
ENTRYPOINT ["/bin/sh", "/usr/local/bin/proxy"]
