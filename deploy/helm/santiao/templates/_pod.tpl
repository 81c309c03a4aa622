{{/* What every pod of Santiao has in common: names, environment, the hardened context, volumes, probes. */}}

{{- define "santiao.name" -}}
{{- printf "%s-%s" .Release.Name (ternary .Chart.Name "" (not (contains .Chart.Name .Release.Name))) | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "santiao.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "santiao.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "santiao.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{/* Call with root, component, port (0: none), command (a list), and where wanted: env (a list), keepsHome (true). */}}
{{- define "santiao.pod" -}}
metadata:
  labels:
    {{- include "santiao.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    checksum/settings: {{ toJson (dict "settings" .root.Values.settings "kafka" .root.Values.kafka) | sha256sum }}
    {{- if .port }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .port | quote }}
    prometheus.io/path: /metrics
    {{- end }}
    {{- with .root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- /* The job that prepares runs before the release's account is there, and needs none. */}}
  {{- if ne .restart "Never" }}
  serviceAccountName: {{ include "santiao.name" .root }}
  {{- end }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add .root.Values.stopSeconds 15 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq .restart "Never" }}
  restartPolicy: Never
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  {{- with .root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "santiao.selector" (dict "root" .root "component" .component) | nindent 10 }}
  containers:
    - name: santiao
      image: {{ include "santiao.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      {{- with .entrypoint }}
      command: {{- toYaml . | nindent 8 }}
      {{- end }}
      args: {{- toYaml .command | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      env: {{- include "santiao.environment" . | nindent 8 }}
      {{- if .port }}
      ports:
        - { name: {{ .portName }}, containerPort: {{ .port }}, protocol: TCP }
      # Slow to start is not dead: a first start may fold case files anew.
      startupProbe:
        httpGet: { path: /health/live, port: {{ .portName }} }
        periodSeconds: 5
        failureThreshold: 60
      # Alive as long as the process answers. What hangs inside, its own watchdog knows by progress and mends or ends.
      livenessProbe:
        httpGet: { path: /health/live, port: {{ .portName }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /health/ready, port: {{ .portName }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      {{- end }}
      resources: {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - { name: home, mountPath: /var/lib/santiao }
        - { name: tmp, mountPath: /tmp }
        - { name: master-key, mountPath: /etc/santiao/keys, readOnly: true }
        {{- if .root.Values.city.configMap }}
        - { name: city, mountPath: /etc/santiao/city, readOnly: true }
        {{- end }}
  volumes:
    {{- if .keepsHome }}
    - { name: home, persistentVolumeClaim: { claimName: {{ include "santiao.name" .root }}-home } }
    {{- else }}
    - { name: home, emptyDir: { sizeLimit: 256Mi } }
    {{- end }}
    - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
    - name: master-key
      secret:
        secretName: {{ .root.Values.secrets.existing }}
        defaultMode: 0440
        items:
          - { key: master.key, path: master.key }
    {{- with .root.Values.city.configMap }}
    - { name: city, configMap: { name: {{ . }} } }
    {{- end }}
{{- end }}

{{- define "santiao.environment" -}}
- name: SANTIAO_STORE_URL
  valueFrom: { secretKeyRef: { name: {{ .root.Values.secrets.existing }}, key: store-url } }
- name: SANTIAO_KEYS_URL
  valueFrom: { secretKeyRef: { name: {{ .root.Values.secrets.existing }}, key: keys-url } }
{{- if .root.Values.secrets.viewsUrl }}
- name: SANTIAO_VIEWS_URL
  valueFrom: { secretKeyRef: { name: {{ .root.Values.secrets.existing }}, key: views-url } }
{{- end }}
- { name: SANTIAO_MASTER_KEY_FILE, value: /etc/santiao/keys/master.key }
- { name: SANTIAO_KAFKA, value: {{ .root.Values.kafka.bootstrap | quote }} }
- { name: SANTIAO_HOST, value: "0.0.0.0" }
- { name: SANTIAO_PORT, value: "8000" }
- { name: SANTIAO_METRICS_PORT, value: "9464" }
- { name: SANTIAO_STOP_SECONDS, value: {{ .root.Values.stopSeconds | quote }} }
{{- range $name, $value := .root.Values.settings }}
- { name: SANTIAO_{{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- range $name, $from := .root.Values.secrets.feeds }}
- name: SANTIAO_SECRET_{{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $from.name }}, key: {{ $from.key }} } }
{{- end }}
{{- range .env }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
