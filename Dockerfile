FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential pkg-config libpq-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# The dependencies are a layer of their own, rebuilt only when the lock file changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src/platform benches \
 && touch src/platform/lib.rs \
 && echo 'fn main() {}' | tee src/main.rs > benches/main.rs \
 && cargo build --locked --profile dist --bin nexus \
 && rm -rf src benches

COPY . .
# The copied files may be older than the stand-ins that cargo has just seen.
RUN touch src/main.rs src/platform/lib.rs \
 && cargo build --locked --profile dist --bin nexus

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpq5 ca-certificates fonts-droid-fallback \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/nexus --shell /usr/sbin/nologin nexus
COPY --from=build /src/target/dist/nexus /usr/local/bin/nexus

USER nexus
WORKDIR /var/lib/nexus
VOLUME /var/lib/nexus
ENV NEXUS_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/var/lib/nexus LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
# Debian's slim image has bash and no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD \
  ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["nexus"]
CMD ["serve"]
