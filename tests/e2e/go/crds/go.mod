// Of both only the CRDs: certificates, issuers, servicemonitors, podmonitors, prometheusrules.
module efa-injector/e2e/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
