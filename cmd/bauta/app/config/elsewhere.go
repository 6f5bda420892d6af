package config

import (
	"reflect"
	"strings"
)

// elsewhere says where keys of a name belong, for a key that is unknown where it
// stands; "" if nowhere.
func elsewhere(name string) string {
	var places []string
	walkKeys(reflect.TypeFor[Config](), "", func(inside string, f field) {
		if f.name != name {
			return
		}
		place := "in " + inside
		if inside == "" {
			place = "at the top level"
		}
		places = append(places, place)
	})
	if len(places) == 0 {
		return ""
	}
	return "it belongs " + strings.Join(places, " or ") + "; "
}

// walkKeys visits every key: inside is the path of what holds it, such as
// businesses[].endpoints[], "" for the file itself.
func walkKeys(t reflect.Type, inside string, visit func(inside string, f field)) {
	for _, f := range fieldsOf(t) {
		visit(inside, f)
		if _, below, suffix := describe(t.Field(f.index).Type); below != nil {
			walkKeys(below, join(inside, f.name)+suffix, visit)
		}
	}
}
