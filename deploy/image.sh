#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build the container images efa-injector:VERSION and efa-agent:VERSION with docker, podman or buildah, whichever works
# here.
#
#     deploy/image.sh [REGISTRY]      REGISTRY/efa-injector:VERSION, ...: registry.example.com/team
set -eu

cd "$(dirname "$0")/.."
version=$(sed -n 's/^static const char version\[\] = "\(.*\)";$/\1/p' include/core/version.h)
registry=${1:-}
registry=${registry%/}

for tool in docker podman buildah; do
    if command -v "$tool" >/dev/null && "$tool" info >/dev/null 2>&1; then
        for target in webhook:efa-injector agent:efa-agent; do
            image=${registry:+$registry/}${target#*:}:$version
            echo "$tool builds $image"
            "$tool" build -f deploy/Dockerfile --target "${target%:*}" --build-arg "VERSION=$version" -t "$image" .
        done
        exit 0
    fi
done
echo "Building an image needs docker, podman or buildah: none is here, or its daemon does not answer" >&2
exit 1
