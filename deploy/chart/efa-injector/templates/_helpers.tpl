{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{- define "efa-injector.labels" -}}
app.kubernetes.io/name: efa-injector
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- define "efa-injector.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* Who opted in. The webhook, its configuration and the admission policy use this one expression. */}}
{{- define "efa-injector.optedIn" -}}
{{- $prefix := .Values.annotationPrefix -}}
(has(object.metadata.annotations) && object.metadata.annotations.exists(k,
k.startsWith('{{ $prefix }}/') && k != '{{ $prefix }}/status')) ||
(has(object.metadata.labels) && '{{ $prefix }}/inject' in object.metadata.labels)
{{- end }}

{{/* matchConditions of the webhook and of the admission policy. */}}
{{- define "efa-injector.matchConditions" -}}
- name: opted-in
  expression: >-
    {{- include "efa-injector.optedIn" . | nindent 4 }}
# A mirror pod only shows what a kubelet runs already.
- name: no-mirror-pod
  expression: >-
    !has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)
{{- end }}

{{/* Pods beside the webhook never reach it, so it needs a namespace of its own. */}}
{{- define "efa-injector.checkNamespace" -}}
{{- if has .Release.Namespace (append .Values.webhook.excludedNamespaces "default") }}
{{- fail (printf "namespace %s: efa-injector needs one of its own: --namespace efa-injector --create-namespace" .Release.Namespace) }}
{{- end }}
{{- end }}

{{/* namespaceSelector of the webhook and of the admission policy. */}}
{{- define "efa-injector.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      {{- range .Values.webhook.excludedNamespaces }}
      - {{ . }}
      {{- end }}
      - {{ .Release.Namespace }}
{{- with .Values.webhook.namespaceLabels }}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "efa-injector.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "efa-injector.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* One step of the certificates' life; the same pod for the Job and the CronJob. */}}
{{- define "efa-injector.certsPod" -}}
metadata:
  labels:
    {{- include "efa-injector.labels" "certs" | nindent 4 }}
spec:
  serviceAccountName: efa-webhook-certs
  automountServiceAccountToken: true
  restartPolicy: Never
  enableServiceLinks: false
  priorityClassName: {{ .Values.priorityClass.name }}
  securityContext:
    {{- include "efa-injector.podSecurity" . | nindent 4 }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: manage-certs
      image: {{ include "efa-injector.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [efa-webhook]
      args:
        - --manage-certs
        - --namespace={{ .Release.Namespace }}
      resources:
        {{- toYaml .Values.certificates.selfManaged.resources | nindent 8 }}
      securityContext:
        {{- include "efa-injector.containerSecurity" . | nindent 8 }}
{{- end }}

{{- define "efa-injector.certsJob" -}}
backoffLimit: 6
# Also ends a Job whose image cannot be pulled.
activeDeadlineSeconds: 900
{{- with .Values.certificates.selfManaged.jobTtlSeconds }}
ttlSecondsAfterFinished: {{ int . }}
{{- end }}
template:
  {{- include "efa-injector.certsPod" . | nindent 2 }}
{{- end }}

{{- define "efa-injector.egress" -}}
# The API server: behind its Service 443, its own port mostly 443 or 6443.
- ports:
    - {protocol: TCP, port: 443}
    - {protocol: TCP, port: 6443}
# DNS.
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}
