package reply_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// namesPeople tells that a call of the route can name somebody.
func namesPeople(s *masking.Schema, seen map[*masking.Schema]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if role := s.RoleOf(); role == masking.RoleNumber || role == masking.RoleUserID || role == masking.RoleEither {
		return true
	}
	for _, m := range s.Members {
		if namesPeople(m, seen) {
			return true
		}
	}
	return namesPeople(s.Any, seen) || namesPeople(s.Each, seen)
}

// For every route that can name a customer: whoever tries a number or a user id
// learns nothing about whether its owner is a hidden customer.
func TestAHiddenCustomerIsLikeSomebodyNeverSeen(t *testing.T) {
	t.Parallel()
	ways := map[string]func(simulator.Person) string{
		"number":             func(p simulator.Person) string { return p.Number },
		"number with a plus": func(p simulator.Person) string { return "%2B" + p.Number },
		"number with dashes": func(p simulator.Person) string {
			return "%2B" + p.Number[:2] + "-" + p.Number[2:5] + "-" + p.Number[5:]
		},
		"user id":             func(p simulator.Person) string { return p.UserID },
		"user id, in small":   func(p simulator.Person) string { return strings.ToLower(p.UserID) },
		"number behind 00":    func(p simulator.Person) string { return "00" + p.Number },
		"number without code": func(p simulator.Person) string { return p.Number[2:] },
	}
	for _, raw := range []webhook.RawRecipients{webhook.KnownRaw, webhook.DenyRaw} {
		r := newRig(t, func(s *settings) { s.businesses[0].RawRecipients = raw })
		people := 0
		for _, route := range meta.NewAPI().Routes() {
			names := namesPeople(route.Body, map[*masking.Schema]bool{})
			for _, s := range route.Query {
				names = names || namesPeople(s, map[*masking.Schema]bool{})
			}
			if !names {
				continue
			}
			people++
			for way, write := range ways {
				t.Run(fmt.Sprint(raw, route.Name, way), func(t *testing.T) {
					t.Parallel()
					hidden, unseen := r.naming(t, route, write(hiddenPerson())), r.naming(t, route, write(unseenPerson()))
					if hidden.status != unseen.status || withoutTrace(hidden) != withoutTrace(unseen) {
						t.Errorf("hidden: %d %s\nunseen: %d %s", hidden.status, hidden.body, unseen.status, unseen.body)
					}
					if diff := cmp.Diff(plainHeader(hidden.header), plainHeader(unseen.header)); diff != "" {
						t.Error(diff)
					}
					if hidden.status < 400 || hidden.header.Get("Bauta-Error") == "" {
						t.Errorf("it was not refused: %d %s", hidden.status, hidden.body)
					}
				})
			}
		}
		if people < 6 {
			t.Fatalf("only %d routes name people", people)
		}
		t.Cleanup(func() {
			if calls, bodies := r.platformCalls(); len(calls) != 0 {
				t.Errorf("the platform was told: %s", bodies)
			}
		})
	}
}

// naming makes the route's good call about somebody else.
func (r *rig) naming(tb testing.TB, route *meta.Route, who string) answer {
	tb.Helper()
	c := good()[route.Name]
	if !strings.Contains(c.path+c.body, "handle}") {
		tb.Fatalf("the good call of %s names nobody", route.Name)
	}
	query := strings.NewReplacer("{handle}", who, "{group handle}", who)
	body := strings.ReplaceAll(who, "%2B", "+")
	made := r.of(route)
	made.path = made.path[:len(made.path)-len(r.filled(c.path))] + query.Replace(c.path)
	made.body = strings.NewReplacer("{handle}", body, "{group handle}", body).Replace(c.body)
	return r.do(tb, made)
}

func (r *rig) filled(text string) string {
	return strings.NewReplacer("{handle}", r.store.handle(hiddenPerson(), webhook.Direct), "{group handle}", r.store.handle(hiddenPerson(), groupID)).Replace(text)
}

// A handle of another business's customer is as unknown as one of nobody.
func TestAHandleOfAnotherBusinessIsUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	nobodys, err := masking.NewHandles(r.set).Mint(strings.NewReader(strings.Repeat("\x07\x21", 200)), "IT")
	if err != nil {
		t.Fatal(err)
	}
	send := func(handle string) answer {
		return r.do(t, call{
			path: "/v25.0/" + otherPhone + "/messages", bearer: otherToken,
			body: `{"messaging_product":"whatsapp","to":"` + handle + `","type":"text","text":{"body":"ciao"}}`,
		})
	}
	theirs := send(r.store.handle(hiddenPerson(), webhook.Direct))
	wantFault(t, theirs, 400, 131009, "unknown_handle")
	unknown := send(nobodys.In(masking.View{ShowCountry: true}))
	if withoutTrace(theirs) != withoutTrace(unknown) || theirs.status != unknown.status {
		t.Errorf("%s\n%s", theirs.body, unknown.body)
	}
}

// A visible customer may be addressed by their number, and the answer says what was
// sent.
func TestAVisibleCustomerHasANumber(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, call{path: messages(), body: `{"messaging_product":"whatsapp","to":"` + visiblePerson().Number + `","type":"text","text":{"body":"ciao"}}`})
	if got.status != http.StatusOK || !strings.Contains(got.body, `"input":"`+visiblePerson().Number+`"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
