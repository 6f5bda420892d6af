package outbound_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// Blocked users (webhooks.md 6.4): who is known comes under their handle, who shows
// as the platform says, and who is nobody's customer not at all.
func TestBlockedUsers(t *testing.T) {
	t.Parallel()
	for _, shape := range []masking.Shape{masking.ShapeUserID, masking.ShapePhone} {
		b := newBack(t)
		hidden := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
		b.customer(t, 2, webhook.Visible, beaNumber, beaUser)
		elsewhere := b.customer(t, 3, webhook.Hidden, "447700900123")
		elsewhere.Scopes = map[string]*webhook.Standing{"a group": elsewhere.Scopes[webhook.Direct]}
		call := b.call(t, "block_users_list", shape)
		call.Query = url.Values{"limit": {"2"}, "after": {"before this"}, "access_token": {"of the business"}}
		const cursor = "MTAxNTExOTQ1MjAwNzI5NDE="
		body := `{"data":[{"block_users":[` +
			`{"input":"+15550001234","wa_id":"15550001234"},` +
			`{"wa_id":"` + beaNumber + `","user_id":"` + beaUser + `"},` +
			`{"input":"447700900123","wa_id":"447700900123"},` +
			`{"user_id":"DE.777888999000"},` +
			`{"user_id":"` + adaUser + `","parent_user_id":"US.ENT.999888777666"}` +
			`]}],"paging":{"cursors":{"before":"` + cursor + `","after":"15550001234"},` +
			`"next":"https://graph.facebook.com/v25.0/106540352242922/block_users?access_token=EAAG&limit=2&after=15550001234","x":"15550001234"}}`
		got := b.Back(t.Context(), outbound.NewOutgoing(call), 200, []byte(body))
		key := map[masking.Shape]string{masking.ShapeUserID: "user_id", masking.ShapePhone: "wa_id"}[shape]
		handle := handleOf(hidden, call.Business)
		list := `{"data":[{"block_users":[` +
			`{"input":"` + handle + `","` + key + `":"` + handle + `"},` +
			`{"wa_id":"` + beaNumber + `","user_id":"` + beaUser + `"},` +
			`{"` + key + `":"` + handle + `"}]}],"paging":`
		if !strings.HasPrefix(string(got.Body), list) {
			t.Fatalf("got  %s\nwant %s...", got.Body, list)
		}
		mustHide(t, got.Body, adaNumber, adaUser, "447700900123", "US.ENT.999888777666", "DE.777888999000")
		for _, away := range []string{cursor, "graph.facebook", "EAAG", "of the business", `"x"`} {
			if strings.Contains(string(got.Body), away) {
				t.Errorf("%q is in %s", away, got.Body)
			}
		}
		if b.store.recalls != 1 {
			t.Errorf("%d look-ups, want one", b.store.recalls)
		}
		b.mustPage(t, call, got.Body, cursor, "15550001234")
	}
}

// mustPage reads the pages of an answer as a client does.
func (b *back) mustPage(t *testing.T, call outbound.Call, body []byte, before, after string) {
	t.Helper()
	var said struct {
		Paging struct {
			Cursors        struct{ Before, After string }
			Next, Previous string
		}
	}
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	for sealed, want := range map[string]string{said.Paging.Cursors.Before: before, said.Paging.Cursors.After: after} {
		if got, err := b.OpenCursor(&call, sealed); err != nil || got != want {
			t.Errorf("a cursor opens as %q, %v; want %q", got, err, want)
		}
		other := call
		other.Business = &webhook.Business{ID: "umbrella"}
		if _, err := b.OpenCursor(&other, sealed); err == nil {
			t.Error("a cursor opens for another business")
		}
	}
	want := "https://bauta.example/v25.0/106540352242922/block_users?" +
		url.Values{"limit": {"2"}, "after": {said.Paging.Cursors.After}}.Encode()
	if said.Paging.Next != want || said.Paging.Previous != "" {
		t.Errorf("next %s\nwant %s; previous %q", said.Paging.Next, want, said.Paging.Previous)
	}
}

func TestPagesOfOtherForms(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	for name, row := range map[string]struct{ route, body, want string }{
		"no pages":                      {"block_users_list", `{"data":[]}`, `{"data":[]}`},
		"an empty page":                 {"block_users_list", `{"data":[],"paging":{}}`, `{"data":[],"paging":{}}`},
		"no cursors":                    {"block_users_list", `{"data":[],"paging":{"cursors":{}}}`, `{"data":[],"paging":{"cursors":{}}}`},
		"of another type":               {"block_users_list", `{"paging":"MTU1NTAwMDEyMzQ="}`, `{"paging":{}}`},
		"a route that has none":         {"phone_number_get", `{"paging":{"cursors":{"after":"a"}}}`, `{"paging":{}}`},
		"a next page without a cursor":  {"block_users_list", `{"paging":{"next":"https://graph.facebook.com/x?access_token=EAAG"}}`, `{"paging":{}}`},
		"a next page that is no string": {"block_users_list", `{"paging":{"next":{"after":"a"}}}`, `{"paging":{}}`},
	} {
		if got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, row.route, 0)), 200, []byte(row.body)); string(got.Body) != row.want {
			t.Errorf("%s: got %s, want %s", name, got.Body, row.want)
		}
	}
	got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, "block_users_list", 0)), 200,
		[]byte(`{"paging":{"cursors":{"after":"first"}},"data":[],"paging":{"next":"https://graph.facebook.com/x?after=b&access_token=EAAG","previous":"https://graph.facebook.com/x?before=c"}}`))
	if n := strings.Count(string(got.Body), "https://bauta.example/v25.0/106540352242922/block_users?"); n != 4 || strings.Contains(string(got.Body), "first") {
		t.Errorf("two pagings, %d URLs: %s", n, got.Body)
	}
}

// A failure in part (6.4: 400 with the list and the error): every entry is whom the
// business named, in its own words.
func TestAFailureInPart(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	bea := b.customer(t, 2, webhook.Visible, beaNumber, beaUser)
	cleo := b.customer(t, 3, webhook.Hidden, "447700900123")
	call := b.call(t, "block_users_add", masking.ShapePhone)
	o := outbound.NewOutgoing(call,
		outbound.Addressee{Sent: "+" + handleOf(ada, call.Business), Told: identityOf(t, adaUser), Customer: ada},
		outbound.Addressee{Sent: "+39 333 123 4567", Told: identityOf(t, beaNumber), Customer: bea, Raw: true},
		outbound.Addressee{Sent: "ZZ." + cleo.Scopes[""].Handle.Long, Told: identityOf(t, "447700900123"), Customer: cleo},
	)
	body := `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"` + beaNumber + `","wa_id":"` + beaNumber + `"}],` +
		`"failed_users":[{"input":"` + adaUser + `","user_id":"` + adaUser + `","errors":[{"message":"` + adaNumber + ` not in 24 h","code":139100,"error_data":{"details":"+1 555 000 1234"}}]},` +
		`{"input":"447700900123","wa_id":"447700900123","errors":[{"message":"no","code":139101}]},` +
		`{"wa_id":"` + beaNumber + `","errors":[{"message":"` + beaNumber + `","code":139101}]}]},` +
		`"error":{"message":"(#139100) Failed to block 15550001234, ` + beaNumber + `","code":139100,"error_data":{"details":"447700900123"},"fbtrace_id":"AbC"}}`
	got := b.Back(t.Context(), o, 400, []byte(body))
	phone := handleOf(ada, call.Business)
	want := `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+39 333 123 4567","wa_id":"` + beaNumber + `"}],` +
		`"failed_users":[{"input":"+` + phone + `","wa_id":"` + phone + `","errors":[{"message":"[number hidden] not in [number hidden] h","code":139100,"error_data":{"details":"[number hidden]"}}]},` +
		`{"input":"ZZ.` + cleo.Scopes[""].Handle.Long + `","wa_id":"` + handleOf(cleo, call.Business) + `","errors":[{"message":"no","code":139101}]},` +
		`{"wa_id":"` + beaNumber + `","errors":[{"message":"[number hidden]","code":139101}]}]},` +
		`"error":{"message":"(#139100) Failed to block [number hidden]","code":139100,"error_data":{"details":"[number hidden]"},"fbtrace_id":"AbC"}}`
	if string(got.Body) != want || got.Status != 400 {
		t.Errorf("got  %d %s\nwant %s", got.Status, got.Body, want)
	}
	mustHide(t, got.Body, adaNumber, adaUser, "447700900123")
}

// A request to join says how it can be answered, whoever asks.
func TestGroupsNameTheirMembersByHandle(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	standing := *ada.Scopes[webhook.Direct]
	standing.Handle, _ = b.handles.Mint(digits(7), "IT")
	const group = "Y2FwaV9ncm91cDoxNTU1MDc4Mzg4MToxMjAzNjM0MDQ2OTQyMzM4MjAZD"
	ada.Scopes[group] = &standing
	call := b.call(t, "group_get", masking.ShapeUserID)
	call.Group, call.Object = group, group
	call.Business.Groups = map[string]webhook.Group{group: {ID: group, Hide: true}}
	got := b.Back(t.Context(), outbound.NewOutgoing(call), 200,
		fmt.Appendf(nil, `{"id":%q,"subject":"call %s","participants":[{"wa_id":%q},{"wa_id":"447700900123"}]}`, group, adaNumber, adaNumber))
	handle := standing.Handle.In(call.Business.View)
	want := fmt.Sprintf(`{"id":%q,"subject":"call %s","participants":[{"user_id":%q}]}`, group, handle, handle)
	if string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
	call = b.call(t, "join_requests_list", masking.ShapeUserID)
	call.Group, call.Object = group, group
	got = b.Back(t.Context(), outbound.NewOutgoing(call), 200,
		[]byte(`{"data":[{"join_request_id":"abc","wa_id":"447700900123","creation_timestamp":"1749416383"}]}`))
	if want := `{"data":[{"join_request_id":"abc","creation_timestamp":"1749416383"}]}`; string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}

func TestWhoHasNoNameInTheScopeIsASecretAllTheSame(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	ada.Scopes = nil
	got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, "block_users_list", 0)), 200,
		[]byte(`{"data":[{"block_users":[{"wa_id":"`+adaNumber+`"}]}],"summary":{"of":"`+adaUser+`"}}`))
	if got.Fault != "bad_answer" {
		t.Errorf("got %s", got.Body)
	}
	mustHide(t, got.Body, adaNumber, adaUser)
}

func TestTheAnswerOfAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	b.store.away = errAway
	got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, "block_users_list", 0)), 200, []byte(`{"data":[{"block_users":[{"wa_id":"15550001234"}]}]}`))
	if got.Status != 502 || got.Fault != "bad_answer" {
		t.Errorf("got %d %q %s", got.Status, got.Fault, got.Body)
	}
	mustHide(t, got.Body, adaNumber)
}
