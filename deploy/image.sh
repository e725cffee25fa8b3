#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build the container image with docker, podman or buildah, whichever works here.
#
#     deploy/image.sh [NAME:TAG]      default: efa-injector:VERSION
set -eu

cd "$(dirname "$0")/.."
version=$(sed -n 's/^static const char version\[\] = "\(.*\)";$/\1/p' include/core/version.h)
image=${1:-efa-injector:$version}

for tool in docker podman buildah; do
    if command -v "$tool" >/dev/null && "$tool" info >/dev/null 2>&1; then
        echo "$tool builds $image"
        exec "$tool" build -f deploy/Dockerfile --build-arg "VERSION=$version" -t "$image" .
    fi
done
echo "Building an image needs docker, podman or buildah: none is here, or its daemon does not answer" >&2
exit 1
