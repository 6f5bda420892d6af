package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Reference returns every key with its type, default, bounds and meaning, as
// Markdown. It is made from the structs, so it cannot drift from the program.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Configuration reference\n\n")
	b.WriteString("Made from the program's own structs; do not edit. Unknown keys are errors. `${VAR}` stands for a whole value, in a secret also\n")
	b.WriteString("for a part of it; `file:path` reads a secret from a file beside this one (a trailing newline is dropped).\n")
	b.WriteString("`serve` takes changes over while it runs, but for keys marked *(restart)*.\n")
	section(&b, reflect.TypeFor[Config](), "", false)
	return b.String()
}

// section writes one struct as a table, then the structs within it.
func section(b *strings.Builder, t reflect.Type, path string, restart bool) {
	title := "top level"
	if path != "" {
		title = "`" + path + "`"
	}
	fmt.Fprintf(b, "\n## %s\n\n| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n", title)
	type nested struct {
		t       reflect.Type
		path    string
		restart bool
	}
	var inner []nested
	for _, f := range fieldsOf(t) {
		ft := t.Field(f.index).Type
		kind, below, suffix := describe(ft)
		doc := f.doc
		if f.restart || restart {
			doc += " *(restart)*"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", f.name, kind, defaultOf(f, ft), boundsOf(f), doc)
		if below != nil {
			inner = append(inner, nested{below, join(path, f.name) + suffix, f.restart || restart})
		}
	}
	for _, n := range inner {
		section(b, n.t, n.path, n.restart)
	}
}

// describe names a type, and the struct below it if there is one.
func describe(t reflect.Type) (kind string, below reflect.Type, suffix string) {
	if t.Kind() == reflect.Pointer {
		return describe(t.Elem())
	}
	if isValue(t) {
		return map[string]string{
			"Duration": "duration", "Rate": "rate", "Size": "size", "Moment": "time", "Prefix": "address range", "Secret": "secret", "Share": "part of a whole",
		}[t.Name()], nil, ""
	}
	switch t.Kind() {
	case reflect.Struct:
		return "keys", t, ""
	case reflect.Slice:
		kind, below, suffix = describe(t.Elem())
		if below != nil {
			return "list of keys", below, "[]" + suffix
		}
		return "list of " + kind, nil, ""
	case reflect.Map:
		kind, _, _ = describe(t.Elem())
		return "table of " + kind, nil, ""
	case reflect.Int:
		return "whole number", nil, ""
	case reflect.Bool:
		return "true or false", nil, ""
	default:
		return "text", nil, ""
	}
}

func defaultOf(f field, t reflect.Type) string {
	switch {
	case f.required != "":
		return "*required*"
	case f.hasDefault && t.Kind() == reflect.Slice:
		return "`[" + strings.Join(strings.Fields(f.def), ", ") + "]`"
	case f.hasDefault:
		return "`" + f.def + "`"
	}
	return ""
}

func boundsOf(f field) string {
	var parts []string
	for _, choice := range f.oneof {
		if choice != "" {
			parts = append(parts, "`"+choice+"`")
		}
	}
	switch {
	case f.min != "" && f.max != "":
		parts = append(parts, f.min+" to "+f.max)
	case f.min != "":
		parts = append(parts, "from "+f.min)
	}
	if f.longest > 0 {
		parts = append(parts, fmt.Sprintf("at most %d characters", f.longest))
	}
	forms := map[string]string{"id": "a-z, 0-9, -; at most 32", "digits": "digits", "hostport": "host:port", "version": "vN.N", "field": "a-z, 0-9, _"}
	if form, ok := forms[f.format]; ok {
		parts = append(parts, form)
	}
	if f.unit != "" {
		parts = append(parts, f.unit)
	}
	return strings.Join(parts, "; ")
}
