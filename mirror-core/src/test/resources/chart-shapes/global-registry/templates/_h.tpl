{{- define "image" -}}
{{- $r := .image.registry -}}{{- if .global }}{{- if .global.imageRegistry }}{{- $r = .global.imageRegistry }}{{- end }}{{- end -}}
{{- printf "%s/%s:%s" $r .image.repository (.image.tag | toString) -}}
{{- end -}}
