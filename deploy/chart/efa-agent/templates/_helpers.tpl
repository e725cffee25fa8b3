{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{- define "efa-agent.labels" -}}
app.kubernetes.io/name: efa-agent
app.kubernetes.io/component: agent
{{- end }}

{{- define "efa-agent.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* Where hostPath volumes are welcome: of the other namespaces many hold to baseline or restricted. */}}
{{- define "efa-agent.checkNamespace" -}}
{{- if has .Release.Namespace (list "default" "kube-system" "efa-injector") }}
{{- fail (printf "namespace %s: efa-agent needs one of its own: --namespace efa-agent --create-namespace" .Release.Namespace) }}
{{- end }}
{{- end }}

{{/* The types of the catalogue, each also as HyperPod spells it, in lines. */}}
{{- define "efa-agent.instanceTypes" -}}
{{- $types := splitList "\n" (.Files.Get "instance-types.txt" | trim) }}
{{- if .Values.instanceTypes }}
{{- $types = keys ((fromYaml .Values.instanceTypes).instanceTypes | required "instanceTypes: the text has no instanceTypes; give a file like config/instance-types.yaml by --set-file") | sortAlpha }}
{{- end }}
{{- $all := $types }}
{{- range $types }}
{{- $all = append $all (printf "ml.%s" .) }}
{{- end }}
{{- join ", " $all | wrap 90 }}
{{- end }}
