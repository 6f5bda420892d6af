package config

import (
	"reflect"
	"strconv"
	"strings"
)

// field is what a struct tag says of a key.
type field struct {
	index              int
	name, def, unit    string
	min, max           string
	longest            int // characters; 0: no bound
	doc, format        string
	required           string
	oneof              []string
	hasDefault, hasOne bool
	// restart: a change acts when Bauta starts.
	restart bool
}

// fieldsOf lists the keys of a configuration struct in the order of the file.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name, ok := tag.Lookup("yaml")
		if !ok {
			continue
		}
		f := field{
			index: i, name: name, unit: tag.Get("unit"), min: tag.Get("min"), max: tag.Get("max"),
			doc: tag.Get("doc"), format: tag.Get("format"), required: tag.Get("required"),
		}
		_, f.restart = tag.Lookup("restart")
		f.longest, _ = strconv.Atoi(tag.Get("longest")) // 0 without the tag
		f.def, f.hasDefault = tag.Lookup("default")
		if choices, ok := tag.Lookup("oneof"); ok {
			f.oneof, f.hasOne = strings.Split(choices, "|"), true
		}
		out = append(out, f)
	}
	return out
}

// isValue tells that a type has a notation of its own, so it is no container.
func isValue(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[value]())
}

// setText parses a scalar into v. Its error says what a right one looks like.
func setText(v reflect.Value, text string) error {
	if own, ok := reflect.TypeAssert[value](v.Addr()); ok {
		return own.parse(text)
	}
	switch v.Kind() {
	case reflect.Int:
		n, err := whole(text)
		if err != nil {
			return err
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		b, err := truth(text)
		if err != nil {
			return err
		}
		v.SetBool(b)
	default:
		v.SetString(text)
	}
	return nil
}

// setDefaults fills a struct from its tags. A default that its own type refuses
// is a programming error, which the test over all tags finds.
func setDefaults(v reflect.Value) error {
	for _, f := range fieldsOf(v.Type()) {
		target := v.Field(f.index)
		if target.Kind() == reflect.Struct && !isValue(target.Type()) {
			if err := setDefaults(target); err != nil {
				return err
			}
		}
		if !f.hasDefault {
			continue
		}
		if target.Kind() != reflect.Slice {
			if err := setText(target, f.def); err != nil {
				return err
			}
			continue
		}
		for text := range strings.FieldsSeq(f.def) {
			item := reflect.New(target.Type().Elem()).Elem()
			if err := setText(item, text); err != nil {
				return err
			}
			target.Set(reflect.Append(target, item))
		}
	}
	return nil
}

// bounds returns how v breaks its bounds, "" if it keeps them.
func (f field) bounds(v reflect.Value) string {
	size, ok := sizeOf(v)
	if !ok {
		return ""
	}
	limit := func(text string) (float64, bool) {
		other := reflect.New(v.Type()).Elem()
		if text == "" || setText(other, text) != nil {
			return 0, false
		}
		return sizeOf(other)
	}
	if low, ok := limit(f.min); ok && size < low {
		return "must be at least " + f.min
	}
	if high, ok := limit(f.max); ok && size > high {
		return "must be at most " + f.max
	}
	return ""
}

func sizeOf(v reflect.Value) (float64, bool) {
	if own, ok := reflect.TypeAssert[amount](v); ok {
		return own.amount(), true
	}
	if v.Kind() == reflect.Int {
		return float64(v.Int()), true
	}
	return 0, false
}
