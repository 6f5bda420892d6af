package config

import (
	"reflect"
	"slices"
)

// Files are those whose content is part of the configuration: its own, those of secrets
// and those of tls. A file that could not be read is among them.
func (c *Config) Files() []string {
	all := append([]string{c.name}, c.files...)
	for _, file := range []string{c.TLS.Cert, c.TLS.Key, c.TLS.ClientCA} {
		if file != "" {
			all = append(all, c.Path(file))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// NeedsRestart finds what differs from the configuration in force and acts only when
// Bauta starts.
func (c *Config) NeedsRestart(inForce *Config) Faults {
	var faults Faults
	differing(reflect.ValueOf(*inForce), reflect.ValueOf(*c), "", false, func(path string) {
		faults = append(faults, c.Fault(path, "differs from what is in force, and acts only when Bauta starts",
			"restart the nodes one after the other, or take this change back: nothing of the file was taken over"))
	})
	return append(faults, c.moved(inForce)...).Sorted()
}

// moved finds accounts that are another business's in the configuration in force.
func (c *Config) moved(inForce *Config) Faults {
	owners := map[string][]string{}
	for waba, business := range inForce.Accounts() {
		owners[waba] = []string{business}
	}
	return c.Moved(owners)
}

// same: a list that is not there is an empty one.
func same(a, b reflect.Value) bool {
	return b.Kind() == reflect.Slice && a.Len()+b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface())
}

// differing tells the paths of the keys that are marked so and are not the same; within
// tells that what is around them is marked.
func differing(before, now reflect.Value, path string, within bool, tell func(string)) {
	for _, f := range fieldsOf(now.Type()) {
		a, b, inner := before.Field(f.index), now.Field(f.index), join(path, f.name)
		marked := within || f.restart
		switch {
		case b.Kind() == reflect.Struct && !isValue(b.Type()):
			differing(a, b, inner, marked, tell)
		case marked && !same(a, b):
			tell(inner)
		}
	}
}
