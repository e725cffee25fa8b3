#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Build the programs that the tests run, out of their Go modules, and print "PART FOLDER" for each.
#
#     tests/e2e/build.sh [PART...]
#
#     apiserver    etcd, kube-apiserver, kubectl
#     controllers  kube-scheduler, kube-controller-manager
#     kwok         kwok, which plays the kubelet, and its stages
#     kubeflow     Kubeflow's MPIJob and PyTorchJob controllers, and their CRDs
#     helm         helm
#     crds         the CRDs of cert-manager and of the Prometheus operator, for what deploy/ has of them
#     opentofu     tofu, for `make tofu-test`; built only when asked for
#
# What was built before is printed at once: each part has a folder in ${XDG_CACHE_HOME:-~/.cache}, named by its
# version and what it is built from. K8S_VERSION=1.34.4 chooses another Kubernetes than the pinned one.
# KUBEBUILDER_ASSETS=FOLDER takes the place of the part apiserver. Progress goes to standard error.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/efa-injector/e2e
[ $# -gt 0 ] || set -- apiserver controllers kwok kubeflow helm crds
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS-} -trimpath"
PATH=$PATH:/usr/local/go/bin

say() { echo "e2e: $*" >&2; }

# The folder of the go.mod that a part is built from.
module_of() {
    case $1 in
    apiserver | controllers) echo "$here/go/controlplane" ;;
    kwok | kubeflow | helm | crds | opentofu) echo "$here/go/$1" ;;
    *)
        say "there is no part $1: apiserver, controllers, kwok, kubeflow, helm, crds, opentofu"
        return 2
        ;;
    esac
}

main_module_of() {
    case $1 in
    apiserver | controllers) echo k8s.io/kubernetes ;;
    kwok) echo sigs.k8s.io/kwok ;;
    kubeflow) echo github.com/kubeflow/training-operator ;;
    helm) echo helm.sh/helm/v4 ;;
    crds) echo github.com/cert-manager/cert-manager ;;
    opentofu) echo github.com/opentofu/opentofu ;;
    esac
}

# PART-VERSION-DIGEST; a Kubernetes that is not the pinned one has no digest, its go.mod is written anew.
folder_name() {
    local module pinned digest
    module=$(module_of "$1")
    pinned=$(awk -v name="$(main_module_of "$1")" '$1 == name { print $2; exit }' "$module/go.mod")
    pinned=${pinned#v}
    case $1 in
    apiserver | controllers)
        if [ "${K8S_VERSION:-$pinned}" != "$pinned" ]; then
            echo "$1-${K8S_VERSION#v}"
            return
        fi
        ;;
    esac
    digest=$(cat "$module"/* | sha256sum | cut -c 1-8)
    echo "$1-$pinned-$digest"
}

# 0 where Go is there and can build what go.mod asks for (1.21 and later fetch the Go that it names).
have_go() {
    local version
    version=$(go env GOVERSION 2>/dev/null) || return 1
    version=${version#go1.}
    [ "${version%%[!0-9]*}" -ge 21 ]
}

# Kubernetes publishes its staging modules as v0.MINOR.PATCH while its own go.mod points into its tree: as a
# dependency each must be named anew.
write_go_mod() { # version folder
    local source
    source=$(go mod download -json "k8s.io/kubernetes@v$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    {
        echo "module efa-injector/e2e/controlplane"
        grep -E '^go ' "$source/go.mod"
        echo "require k8s.io/kubernetes v$1"
        sed -nE "s#^\s*(k8s.io/[a-z-]+) => ./staging.*#replace \1 => \1 v0.${1#1.}#p" "$source/go.mod"
        printf 'tool %s\n' go.etcd.io/etcd/server/v3 \
            k8s.io/kubernetes/cmd/{kube-apiserver,kube-scheduler,kube-controller-manager,kubectl}
    } >"$2/go.mod"
    (cd "$2" && go mod tidy)
}

kubernetes() { # go.mod's folder, target, command...
    local module=$1 target=$2 version minor package=k8s.io/component-base/version
    shift 2
    version=$(cd "$module" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
    minor=${version#v1.}
    minor=${minor%%.*}
    (cd "$module" && go build -o "$target/" -ldflags "-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 \
        -X $package.gitMinor=$minor -X $package.gitTreeState=clean" "${@/#/k8s.io/kubernetes/cmd/}")
}

module_source() { (cd "$1" && go list -m -f '{{.Dir}}' "$2"); }

build() { # part target
    local module source
    module=$(module_of "$1")
    case $(basename "$2") in
    .apiserver-* | .controllers-*)
        if [[ $(basename "$2") =~ ^\.[a-z]+-([0-9.]+)$ ]]; then
            module=$2/module
            mkdir "$module"
            write_go_mod "${BASH_REMATCH[1]}" "$module"
        fi
        ;;
    esac
    case $1 in
    apiserver)
        kubernetes "$module" "$2" kube-apiserver kubectl
        (cd "$module" && go build -ldflags '-s -w' -o "$2/etcd" go.etcd.io/etcd/server/v3)
        ;;
    controllers) kubernetes "$module" "$2" kube-scheduler kube-controller-manager ;;
    kwok)
        (cd "$module" && go build -ldflags '-s -w' -o "$2/kwok" sigs.k8s.io/kwok/cmd/kwok)
        source=$(module_source "$module" sigs.k8s.io/kwok)/kustomize/stage
        mkdir "$2/stages"
        install -m 644 -t "$2/stages" "$source"/node/fast/node-initialize.yaml \
            "$source"/node/heartbeat/node-heartbeat.yaml "$source"/pod/fast/pod-*.yaml
        ;;
    kubeflow)
        (cd "$module" && go build -ldflags '-s -w' -o "$2/kubeflow-controllers" .)
        source=$(module_source "$module" github.com/kubeflow/training-operator)/manifests/base/crds
        mkdir "$2/crds"
        install -m 644 -t "$2/crds" "$source"/kubeflow.org_{mpijobs,pytorchjobs}.yaml
        ;;
    crds)
        (cd "$module" && go mod download github.com/cert-manager/cert-manager \
            github.com/prometheus-operator/prometheus-operator)
        source=$(module_source "$module" github.com/cert-manager/cert-manager)/deploy/crds
        install -m 644 -t "$2" "$source"/cert-manager.io_{certificates,issuers}.yaml
        source=$(module_source "$module" github.com/prometheus-operator/prometheus-operator)/example/prometheus-operator-crd
        install -m 644 -t "$2" "$source"/monitoring.coreos.com_{servicemonitors,podmonitors,prometheusrules}.yaml
        ;;
    helm) (cd "$module" && go build -ldflags '-s -w' -o "$2/helm" helm.sh/helm/v4/cmd/helm) ;;
    opentofu)
        (cd "$module" && go build -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' -o "$2/tofu" \
            github.com/opentofu/opentofu/cmd/tofu)
        ;;
    esac
}

# Build a part in a folder beside its own, which it takes when it is whole.
provide() { # part
    local name target started=$SECONDS
    if [ "$1" = apiserver ] && [ -n "${KUBEBUILDER_ASSETS-}" ]; then
        echo "$1 $KUBEBUILDER_ASSETS"
        return
    fi
    name=$(folder_name "$1")
    if [ ! -d "$cache/$name" ]; then
        if ! have_go; then
            say "the part $1 needs Go 1.21 or later in PATH (it then fetches the 1.26 that it builds with)"
            [ "$1" != apiserver ] || say "KUBEBUILDER_ASSETS=FOLDER gives etcd, kube-apiserver and kubectl without it"
            return 1
        fi
        say "building $name (minutes when nothing is in Go's cache)"
        target=$cache/.$name
        chmod -R u+w "$target" 2>/dev/null || true
        rm -rf "$target"
        mkdir -p "$target"
        build "$1" "$target" >&2
        rm -rf "$target/module"
        mv "$target" "$cache/$name"
        say "built $name in $((SECONDS - started)) s"
    fi
    echo "$1 $cache/$name"
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
for part; do provide "$part"; done
