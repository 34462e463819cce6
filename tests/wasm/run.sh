#!/usr/bin/env bash
# Draws models in WebAssembly and holds them to the bytes of a native build.
#
# Installs what is missing: Node, and the target wasm32-unknown-unknown by rustup, or else
# Debian's compiler with the source of its library (MODELGRAM_WASM=debian takes that at once).
set -euo pipefail
cd "$(dirname "$0")/../.."

target=wasm32-unknown-unknown
folder=target/wasm
build=(build --manifest-path tests/wasm/Cargo.toml --target-dir "$folder")
debian=(rustc-web cargo-web rust-web-src lld-19)

fail() {
    echo "error: $1" >&2
    exit 1
}

install() {
    command -v apt-get >/dev/null || fail "$1"
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    shift
    "${root[@]}" apt-get update -q
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
}

has_target() {
    [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]
}

# The compiler of the PATH, with the target that it has or that rustup fetches.
usual_compiler() {
    [ "${MODELGRAM_WASM:-}" != debian ] || return 1
    has_target && return
    command -v rustup >/dev/null || return 1
    timeout 180 rustup target add "$target" && has_target
}

# Debian's is beside it; it brings no compiled library, which is built with the rest.
debian_compiler() {
    if ! dpkg -s "${debian[@]}" >/dev/null 2>&1; then
        install "the target $target is missing: rustup target add $target" "${debian[@]}"
    fi
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    local linker="target.$target.linker=\"/usr/lib/llvm-19/bin/wasm-ld\""
    /usr/bin/cargo "${build[@]}" --lib --target "$target" -Zbuild-std=std,panic_abort --config "$linker"
}

command -v node >/dev/null || install "node is not installed" nodejs
# The versions of the program's own dependencies.
cp Cargo.lock tests/wasm/Cargo.lock
if usual_compiler; then
    cargo "${build[@]}" --lib --target "$target"
else
    # In a shell of its own: what follows is built by the usual compiler.
    (debian_compiler)
fi
cargo "${build[@]}" --bin native
node tests/wasm/draw.mjs "$folder/$target/debug/modelgram_wasm.wasm" "$folder/debug/native"
