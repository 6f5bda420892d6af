package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/access"
	"bauta/webhook/meta"
)

// The families of the table of the platform's API, of which every route has one.
func TestScopesAreTheFamiliesOfTheAPI(t *testing.T) {
	t.Parallel()
	named := map[meta.Family]bool{
		meta.Messages: true, meta.Media: true, meta.Contacts: true, meta.Calls: true,
		meta.Templates: true, meta.Profile: true, meta.Groups: true,
	}
	got := map[meta.Family]bool{}
	for _, family := range access.Families() {
		got[meta.Family(family)] = true
	}
	if diff := cmp.Diff(named, got); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	for _, r := range meta.NewAPI().Routes() {
		if !got[r.Family] && r.Family != "" {
			t.Errorf("the route %s is of the family %q, for which no token can be issued", r.Name, r.Family)
		}
	}
	want := append(access.Families(), "manage", "console")
	if diff := cmp.Diff(want, access.Scopes()); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}
