# The image is one static binary and its licenses: no shell, no libc, no user database, nothing in it to
# update.

# It has the C compiler that the cryptography of TLS needs.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# Reaches the binary only, since each build names its --target: procedural macros cannot be static.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# The crates alone, under an empty ecmock: this layer lasts until a manifest or the lock changes. The
# workspace has xtask as a member, which is not built.
# Bench and test targets are cut from the manifest, as their files are not here yet; and no trace
# of the empty ecmock may stay, or cargo takes it for newer than the sources.
COPY Cargo.toml Cargo.lock ./
COPY xtask xtask
RUN target=$(rustc --print host-tuple) \
    && sed -i '/^\[\[/,/^$/d' Cargo.toml \
    && mkdir src && echo '//! None.' > src/lib.rs && printf '//! None.\nfn main() {}\n' > src/main.rs \
    && cargo build --release --locked --target "$target" \
    && cargo clean --release --locked --target "$target" --package ecmock

COPY . .
RUN target=$(rustc --print host-tuple) \
    && cargo build --release --locked --target "$target" \
    && cp "target/$target/release/ecmock" /ecmock

FROM scratch
LABEL org.opencontainers.image.title="ecmock" \
      org.opencontainers.image.description="A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY LICENSE-* THIRD-PARTY-LICENSES.md /licenses/
COPY --from=build /ecmock /ecmock
# By number, since no /etc/passwd is there to hold a name. Nothing is written, unless ECMOCK_TLS_DIR says where.
USER 65532:65532
# A published port reaches the container's own address, never its loopback.
ENV ECMOCK_LISTEN=0.0.0.0:7190
EXPOSE 7190
STOPSIGNAL SIGTERM
# Often, as whoever starts the container waits for the first of them.
HEALTHCHECK --interval=2s --timeout=5s --start-period=5s --retries=3 CMD ["/ecmock", "healthcheck"]
ENTRYPOINT ["/ecmock"]
