package access_test

import (
	"net/netip"
	"testing"

	"bauta/webhook"
	"bauta/webhook/access"
)

// A token of all businesses opens where operators come in, and nowhere else; there a
// business's token opens too, as long as the business is configured.
func TestOperatorsHaveAnEntrance(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	all, _ := i.issue(webhook.Grant{Business: webhook.AllBusinesses, Scopes: []string{access.Console}, Expires: i.wanted().Expires})
	one, _ := i.issue(webhook.Grant{Business: "acme", Scopes: []string{access.Console}, Expires: i.wanted().Expires})
	former, _ := i.issue(webhook.Grant{Business: "former", Scopes: []string{access.Console}, Expires: i.wanted().Expires})
	revoked, g := i.issue(webhook.Grant{Business: webhook.AllBusinesses, Scopes: []string{access.Console}, Expires: i.wanted().Expires})
	if ok, err := i.registry.Revoke(t.Context(), webhook.AllBusinesses, g.ID); !ok || err != nil {
		t.Fatalf("revoke: %t, %v", ok, err)
	}
	door, from := guests(i), netip.MustParseAddr("192.0.2.1")
	for _, row := range []struct {
		name, token            string
		business               string
		entered, enteredByDesk bool
	}{
		{"of all businesses", all, "", false, true},
		{"of one business", one, "acme", true, true},
		{"of a business that is gone", former, "", false, false},
		{"of all businesses, revoked", revoked, "", false, false},
		{"that is wrong", all[:len(all)-4] + "AAAA", "", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := door.Enter(t.Context(), from, []string{row.token})
			if row.entered != (err == nil) || err != nil && err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
				t.Errorf("the API: %v", err)
			}
			guest, err := door.EnterOperator(t.Context(), from, []string{row.token})
			if row.enteredByDesk != (err == nil) || err != nil && err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
				t.Errorf("the console: %v", err)
			}
			switch {
			case row.business == "" && guest.Business != nil, row.business != "" && (guest.Business == nil || guest.Business.ID != row.business):
				t.Errorf("the guest's business is %v", guest.Business)
			case err == nil && !guest.Grant.Allows(access.Console):
				t.Error("the grant is not whole")
			}
		})
	}
}
