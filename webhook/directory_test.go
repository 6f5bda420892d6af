package webhook

import (
	"fmt"
	"testing"
)

func TestADirectoryKeepsAppsApart(t *testing.T) {
	t.Parallel()
	d := NewDirectory([]Business{
		{ID: "acme", App: "main", WABAs: []string{"1", "2"}},
		{ID: "umbrella", App: "second", WABAs: []string{"3"}},
	})
	for name, row := range map[string]struct{ app, waba, want string }{
		"its own app":                       {"main", "2", "acme"},
		"another app":                       {"second", "3", "umbrella"},
		"another app's WABA":                {"main", "3", ""},
		"a WABA that nobody claims":         {"main", "4", ""},
		"no WABA":                           {"main", "", ""},
		"a payload that came without app":   {AnyApp, "3", "umbrella"},
		"without app, and nobody claims it": {AnyApp, "4", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if b := d.ByWABA(row.app, row.waba); b != nil {
				got = b.ID
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	if d.ByID("acme") == nil || d.ByID("nobody") != nil {
		t.Error("businesses are not found by their ids")
	}
	if b := NewSoleDirectory(Business{ID: "everybody"}).ByWABA("main", "9"); b == nil || b.ID != "everybody" {
		t.Error("a sole business does not get every WABA")
	}
}

// What strangers can name must not grow memory.
func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	o := newOnceEach()
	if !o.first("acme") || o.first("acme") {
		t.Error("the first warning is not the only one")
	}
	for i := range 2 * onceEachLimit {
		o.first(fmt.Sprint(i))
	}
	if n := len(o.all()); n != onceEachLimit {
		t.Errorf("%d names are kept, want %d", n, onceEachLimit)
	}
}
