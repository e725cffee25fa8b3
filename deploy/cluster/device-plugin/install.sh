#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install the EFA device plugin from AWS's chart, or bring it up to date, and see that there is no other.
#
#     deploy/cluster/device-plugin/install.sh [--dry-run] [HELM OPTION...]
#
# eksctl installs an old plugin of its own where a node group says efaEnabled: the DaemonSet
# aws-efa-k8s-device-plugin-daemonset in kube-system, which Helm cannot take over (a DaemonSet's selector and
# name are fixed). Two plugins on a node would both register vpc.amazonaws.com/efa with the kubelet, so a
# DaemonSet that is not the release's is deleted first. Pods that run keep their devices; new ones, in the
# seconds between, wait. --dry-run says what would be done.
#
# kubectl and helm act on the current context; KUBECTL and HELM name other programs.
set -eu

chart_version=v0.5.30 # values.yaml beside this file: the first that knows every type of the catalogue
release=aws-efa-k8s-device-plugin
namespace=kube-system
here=$(cd "$(dirname "$0")" && pwd)
kubectl=${KUBECTL:-kubectl}
helm=${HELM:-helm}

dry_run=
if [ "${1-}" = --dry-run ]; then
    dry_run=1
    shift
fi

# NAMESPACE/NAME of each DaemonSet that runs the plugin's image.
plugins() {
    name='{.metadata.namespace}/{.metadata.name}'
    images='{.spec.template.spec.containers[*].image}'
    "$kubectl" get daemonsets --all-namespaces \
        --output jsonpath="{range .items[*]}$name $images{\"\\n\"}{end}" |
        awk '{ for (i = 2; i <= NF; i++) if ($i ~ /\/aws-efa-k8s-device-plugin[:@]/) { print $1; next } }'
}

run() {
    if [ -n "$dry_run" ]; then
        echo "would run: $*"
    else
        "$@"
    fi
}

found=$(plugins)
for plugin in $found; do
    if [ "$plugin" != "$namespace/$release" ]; then
        echo "another EFA device plugin is there: $plugin"
        run "$kubectl" delete daemonset "${plugin#*/}" --namespace "${plugin%%/*}" --cascade=foreground --wait
    fi
done

run "$helm" upgrade --install "$release" "$release" --repo https://aws.github.io/eks-charts \
    --version "$chart_version" --namespace "$namespace" --values "$here/values.yaml" --wait "$@"
