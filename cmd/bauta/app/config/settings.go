package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Setting is one value of a configuration, as people may see it.
type Setting struct {
	// Key such as businesses[0].hiding.default; Value as it would be written: a secret reads
	// [secret], of an endpoint's URL scheme and host are shown.
	Key, Value string
	// Line of the file, 0 for what stands nowhere in it.
	Line int
	// Meaning as the reference has it.
	Meaning string
}

// Name is the path of the file that it was read from.
func (c *Config) Name() string { return c.name }

// ReadAt is when it was read.
func (c *Config) ReadAt() time.Time { return c.read }

// Settings are all values in the order of the reference, defaults too; what is empty and
// not in the file is left out.
func (c *Config) Settings() []Setting {
	return c.settings(nil, reflect.ValueOf(c).Elem(), "")
}

func (c *Config) settings(out []Setting, v reflect.Value, path string) []Setting {
	for _, f := range fieldsOf(v.Type()) {
		out = c.setting(out, v.Field(f.index), join(path, f.name), f)
	}
	return out
}

// setting appends what a key holds: its value, or what is below it.
func (c *Config) setting(out []Setting, v reflect.Value, key string, f field) []Setting {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return out
		}
		return c.setting(out, v.Elem(), key, f)
	case isValue(v.Type()):
	case v.Kind() == reflect.Struct:
		return c.settings(out, v, key)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			out = c.setting(out, v.Index(i), fmt.Sprintf("%s[%d]", key, i), f)
		}
		return out
	case v.Kind() == reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			out = c.setting(out, v.MapIndex(k), key+"."+k.String(), f)
		}
		return out
	}
	p, written := c.positions[key]
	if v.IsZero() && !written {
		return out
	}
	s := Setting{Key: key, Value: notation(v), Meaning: f.doc}
	if written {
		s.Line = p.line
	}
	if strings.Contains(key, "endpoints[") && strings.HasSuffix(key, ".url") {
		s.Value = hostOf(s.Value)
	}
	return append(out, s)
}

// notation is a value as it would be written.
func notation(v reflect.Value) string {
	switch own := v.Interface().(type) {
	case Duration:
		return shortly(own.Std())
	case Moment:
		if own.Time().IsZero() {
			return ""
		}
		return own.Time().Format(time.RFC3339)
	default:
		return fmt.Sprint(own)
	}
}

// shortly writes whole days as days, and leaves out what is zero at the end.
func shortly(d time.Duration) string {
	if d >= Day && d%Day == 0 {
		return fmt.Sprintf("%dd", d/Day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// hostOf is scheme and host of a URL: what follows may be a secret.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return concealed
	}
	return u.Scheme + "://" + u.Host + "/..."
}
