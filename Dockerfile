# The image holds one static binary and its licenses: no shell, no libc, and no user database.

# Lists the crates of Cargo.lock in the SBOM. The image has only a binary, which does not contain their names.
ARG BUILDKIT_SBOM_SCAN_CONTEXT=true

# The base image has the C compiler that the cryptography of TLS needs.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# Applies to the binary only, because each build has a --target: procedural macros cannot be static.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# The dependencies, compiled with an empty ecmock. This layer is valid until a manifest or the lock
# file changes. xtask is a member of the workspace, and is not built. Bench and test targets are removed
# from the manifest, because their files are missing here. The empty ecmock is removed, because cargo
# would consider it newer than the sources.
COPY Cargo.toml Cargo.lock ./
COPY xtask xtask
RUN target=$(rustc --print host-tuple) \
    && sed -i '/^\[\[/,/^$/d' Cargo.toml \
    && mkdir src && echo '//! None.' > src/lib.rs && printf '//! None.\nfn main() {}\n' > src/main.rs \
    && cargo build --profile dist --locked --target "$target" \
    && cargo clean --profile dist --locked --target "$target" --package ecmock

COPY . .
RUN target=$(rustc --print host-tuple) \
    && cargo build --profile dist --locked --target "$target" \
    && cp "target/$target/dist/ecmock" /ecmock

FROM scratch
LABEL org.opencontainers.image.title="ecmock" \
      org.opencontainers.image.description="A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY LICENSE-* THIRD-PARTY-LICENSES.md /licenses/
COPY --from=build /ecmock /ecmock
# A number, because the image has no /etc/passwd. The server writes files only to ECMOCK_TLS_DIR.
USER 65532:65532
# A published port reaches the container's own address, not its loopback.
ENV ECMOCK_LISTEN=0.0.0.0:7190
EXPOSE 7190
STOPSIGNAL SIGTERM
# The interval is short, because the start of a service waits for the first check.
HEALTHCHECK --interval=2s --timeout=5s --start-period=5s --retries=3 CMD ["/ecmock", "healthcheck"]
ENTRYPOINT ["/ecmock"]
