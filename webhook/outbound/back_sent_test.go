package outbound_test

import (
	"fmt"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// What a send answers (webhooks.md 6.2, identity.md 2.4), by shape and by what the
// platform was told.
func TestTheAnswerToASendNamesTheHandle(t *testing.T) {
	t.Parallel()
	const byNumber = `{"messaging_product":"whatsapp","contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"%s"}]}`
	const byUser = `{"messaging_product":"whatsapp","contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000"}],"messages":[{"id":"%s","message_status":"accepted"}]}`
	const all = `{"messaging_product":"whatsapp","contacts":[{"input":"+15550001234","wa_id":"15550001234","user_id":"US.1000200030004000","parent_user_id":"US.ENT.999888777666"}],"messages":[{"id":"%s"}]}`
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	handle := ada.Scopes[webhook.Direct].Handle
	long, phone := "IT."+handle.Long, handle.Phone
	for name, row := range map[string]struct {
		shape        masking.Shape
		sent, told   string
		answer, want string
	}{
		"user ids, told the number": {
			masking.ShapeUserID, long, adaNumber, byNumber,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + long + `","user_id":"` + long + `"}],"messages":[{"id":"%s"}]}`,
		},
		"user ids, told the user id": {
			masking.ShapeUserID, long, adaUser, byUser,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + long + `","user_id":"` + long + `"}],"messages":[{"id":"%s","message_status":"accepted"}]}`,
		},
		"user ids, all that the platform can say": {
			masking.ShapeUserID, long, adaNumber, all,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + long + `","user_id":"` + long + `"}],"messages":[{"id":"%s"}]}`,
		},
		"phones, told the number": {
			masking.ShapePhone, phone, adaNumber, byNumber,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + phone + `","wa_id":"` + phone + `"}],"messages":[{"id":"%s"}]}`,
		},
		"phones behind a plus, told the user id": {
			masking.ShapePhone, "+" + phone, adaUser, byUser,
			`{"messaging_product":"whatsapp","contacts":[{"input":"+` + phone + `","wa_id":"` + phone + `"}],"messages":[{"id":"%s","message_status":"accepted"}]}`,
		},
		"phones, all that the platform can say": {
			masking.ShapePhone, phone, adaUser, all,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + phone + `","wa_id":"` + phone + `"}],"messages":[{"id":"%s"}]}`,
		},
		"a handle of the other shape comes back as it was written": {
			masking.ShapeUserID, "+" + phone, adaNumber, byNumber,
			`{"messaging_product":"whatsapp","contacts":[{"input":"+` + phone + `","user_id":"` + long + `"}],"messages":[{"id":"%s"}]}`,
		},
		"a handle with another country, too": {
			masking.ShapeUserID, "ZZ." + handle.Long, adaNumber, byNumber,
			`{"messaging_product":"whatsapp","contacts":[{"input":"ZZ.` + handle.Long + `","user_id":"` + long + `"}],"messages":[{"id":"%s"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := wamid(row.told)
			person, _ := ada.PersonIn(webhook.Direct)
			issued := b.masks.For("acme").Mask(id, []masking.Person{person})
			o := outbound.NewOutgoing(b.call(t, "messages_send", row.shape), outbound.Addressee{
				Sent: row.sent, Told: identityOf(t, row.told), Customer: ada,
			})
			got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, row.answer, id))
			if want := fmt.Sprintf(row.want, issued); string(got.Body) != want || got.Status != 200 || got.Fault != "" {
				t.Errorf("got %d %s\n%s\nwant\n%s", got.Status, got.Fault, got.Body, want)
			}
			mustHide(t, got.Body, adaNumber, adaUser, "US.ENT.999888777666")
		})
	}
}

func TestWhoIsVisibleComesBackAsThePlatformSays(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Visible, adaNumber, adaUser)
	body := fmt.Sprintf(`{"messaging_product":"whatsapp","contacts":[{"input":"+1 (555) 000-1234","wa_id":"%s","user_id":"%s"}],"messages":[{"id":"%s"}]}`, adaNumber, adaUser, wamid(adaNumber))
	for name, sent := range map[string]string{"by number": "+1 (555) 000-1234", "by handle": "IT." + ada.Scopes[webhook.Direct].Handle.Long} {
		o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
			Sent: sent, Told: identityOf(t, adaNumber), Customer: ada, Raw: name == "by number",
		})
		want := strings.Replace(body, "+1 (555) 000-1234", sent, 1)
		if got := b.Back(t.Context(), o, 200, []byte(body)); string(got.Body) != want {
			t.Errorf("%s: got %s\nwant %s", name, got.Body, want)
		}
	}
	shared := b.customer(t, 2, webhook.Shared, beaNumber)
	shared.Scopes[webhook.Direct].Sharing = webhook.Sharing{State: sharing.Shared, Number: shared.Number()}
	o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
		Sent: "+" + beaNumber, Told: identityOf(t, beaNumber), Customer: shared, Raw: true,
	})
	got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, `{"contacts":[{"input":"+%[1]s","wa_id":"%[1]s"}],"messages":[{"id":"%[2]s"}]}`, beaNumber, wamid(beaNumber)))
	if strings.Contains(string(got.Body), wamid(beaNumber)) || !strings.Contains(string(got.Body), `"wa_id":"`+beaNumber+`","user_id":"`+handleOf(shared, business(masking.ShapeUserID))) {
		t.Errorf("who shared shows number and handle under a masked id: %s", got.Body)
	}
}

// Whoever is addressed by a plain number and hides is answered of as somebody whom
// nobody has seen: no handle beside the number, no user id, an id that says nothing.
func TestAPlainNumberIsNotJoinedWithAHandle(t *testing.T) {
	t.Parallel()
	first := newBack(t)
	for name, row := range map[string]struct{ sent, told, answer string }{
		"by number":                             {"+1 555 000 1234", adaNumber, `{"messaging_product":"whatsapp","contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"%s"}]}`},
		"by number, and the platform says more": {"+15550001234", adaNumber, `{"contacts":[{"input":"+15550001234","wa_id":"15550001234","user_id":"US.1000200030004000","parent_user_id":"US.ENT.999888777666","username":"ada"}],"messages":[{"id":"%s"}]}`},
		"by number, and a name of theirs":       {"+15550001234", adaNumber, `{"contacts":[{"input":"+15550001234","wa_id":"15550001234","username":"username of ada"}],"messages":[{"id":"%s"}]}`},
		"by user id, and a number in a text":    {adaUser, adaUser, `{"note":"call 15550001234","contacts":[{"input":"US.1000200030004000"}],"messages":[{"id":"%s"}]}`},
		"by user id":                            {adaUser, adaUser, `{"contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000","wa_id":"15550001234"}],"messages":[{"id":"%s"}]}`},
		"by number, under a user id":            {"+15550001234", adaNumber, `{"contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABEYEjAwMTEyMjMzNDQ1NTY2QUFCQgA="}]}`},
		"an error":                              {"+15550001234", adaNumber, `{"error":{"message":"(#131026) 15550001234 %s","code":131026}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := row.answer
			if strings.Contains(answer, "%s") {
				answer = fmt.Sprintf(answer, wamid(row.told))
			}
			var bodies []string
			for _, visibility := range []webhook.Visibility{webhook.Hidden, webhook.Undecided, 99} {
				b := newBackOf(t, first.set)
				var c, known *webhook.Customer
				if visibility != 99 {
					known = b.customer(t, 1, visibility, adaNumber, adaUser)
					c = known
				}
				call := b.call(t, "messages_send", masking.ShapeUserID)
				call.Business.RawRecipients = webhook.AllowRaw
				o := outbound.NewOutgoing(call, outbound.Addressee{Sent: row.sent, Told: identityOf(t, row.told), Customer: c, Raw: true})
				got := b.Back(t.Context(), o, 200, []byte(answer))
				bodies = append(bodies, fmt.Sprint(got.Status, string(got.Body), b.store.recalls, b.store.rolled, len(b.store.forms), b.log.Len() > 0))
				if known != nil && strings.Contains(string(got.Body), known.Scopes[webhook.Direct].Handle.Key()) {
					t.Errorf("the handle is in %s", got.Body)
				}
				other := adaUser
				if row.told == adaUser {
					other = adaNumber
				}
				mustHide(t, got.Body, other)
				if contains(got.Body, "username") {
					t.Errorf("a name is beside the number: %s", got.Body)
				}
				if !strings.Contains(answer, "error") && !strings.Contains(string(got.Body), `"input":"`+row.sent+`"`) {
					t.Errorf("the input is not what was sent: %s", got.Body)
				}
			}
			if bodies[0] != bodies[2] || bodies[1] != bodies[2] {
				t.Errorf("hidden, undecided and never seen differ:\n%s", strings.Join(bodies, "\n"))
			}
		})
	}
}

func TestWhatLeadsTheIDsBackIsKept(t *testing.T) {
	t.Parallel()
	answer := func(id string) []byte {
		return fmt.Appendf(nil, `{"contacts":[{"input":"+%[1]s","wa_id":"%[1]s"}],"messages":[{"id":"%[2]s"}]}`, adaNumber, id)
	}
	for name, row := range map[string]struct {
		id         string
		visibility webhook.Visibility
		inherited  bool
		want       []webhook.Form
	}{
		"the usual envelope needs nothing":     {wamid(adaNumber), webhook.Hidden, false, nil},
		"the other identity":                   {wamid(adaUser), webhook.Hidden, false, []webhook.Form{{Stanza: stanza, Tag: "1."}}},
		"the old notation":                     {"gBGGFVUAASNPAgkAESIzRFVmqrs", webhook.Hidden, false, []webhook.Form{{Stanza: "00112233445566AABB", Tag: "0.lnr"}}},
		"a handle of another record":           {wamid(adaNumber), webhook.Hidden, true, []webhook.Form{{Stanza: stanza, Tag: "0."}}},
		"ids that pass need nothing":           {wamid(adaUser), webhook.Visible, false, nil},
		"an id of an unknown form is whole":    {"wamid.something", webhook.Hidden, false, nil},
		"an id under somebody else's is whole": {wamid(beaNumber), webhook.Hidden, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBack(t)
			ada := b.customer(t, 1, row.visibility, adaNumber, adaUser)
			ada.Scopes[webhook.Direct].Inherited = row.inherited
			o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
				Sent: handleOf(ada, business(0)), Told: identityOf(t, adaNumber), Customer: ada,
			})
			got := b.Back(t.Context(), o, 200, answer(row.id))
			if fmt.Sprint(b.store.forms) != fmt.Sprint(row.want) || got.Status != 200 {
				t.Errorf("remembered %v, want %v; %s", b.store.forms, row.want, got.Body)
			}
			if row.visibility == webhook.Hidden {
				mustHide(t, got.Body, adaNumber, adaUser)
			}
		})
	}
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	b.store.away = errAway
	o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
		Sent: handleOf(ada, business(0)), Told: identityOf(t, adaNumber), Customer: ada,
	})
	if got := b.Back(t.Context(), o, 200, answer(wamid(adaUser))); got.Status != 200 || !strings.Contains(string(got.Body), "wamid.") {
		t.Errorf("a store that is away keeps the answer from a message that was sent: %d %s", got.Status, got.Body)
	}
	if log := b.log.String(); !strings.Contains(log, "could not be stored") || strings.Contains(log, adaNumber) {
		t.Errorf("log %s", log)
	}
}

func TestNothingIsLookedUpForAUsualSend(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
		Sent: handleOf(ada, business(0)), Told: identityOf(t, adaNumber), Customer: ada,
	})
	b.Back(t.Context(), o, 200, usualAnswer())
	if b.store.recalls != 0 || len(b.store.forms) != 0 || len(b.store.rolled) != 0 {
		t.Errorf("%d look-ups, %d forms, %v on rolls", b.store.recalls, len(b.store.forms), b.store.rolled)
	}
}

func usualAnswer() []byte {
	return fmt.Appendf(nil, `{"messaging_product":"whatsapp","contacts":[{"input":"+%[1]s","wa_id":"%[1]s"}],"messages":[{"id":"%[2]s"}]}`, adaNumber, wamid(adaNumber))
}

func TestMessagesToPlainNumbersAreEntered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		allow webhook.RawRecipients
		raw   bool
		route string
		want  string
	}{
		"to a plain number":               {webhook.AllowRaw, true, "messages_send", "[raw " + stanza + "]"},
		"to a handle":                     {webhook.AllowRaw, false, "messages_send", "[]"},
		"to somebody who is visible":      {webhook.KnownRaw, true, "messages_send", "[]"},
		"what does not send is no matter": {webhook.AllowRaw, true, "passthrough", "[]"},
	} {
		b := newBack(t)
		ada := b.customer(t, 1, webhook.Visible, adaNumber)
		call := outbound.Call{Business: business(masking.ShapeUserID), Route: passthrough(t)}
		if row.route != call.Route.Name {
			call = b.call(t, row.route, masking.ShapeUserID)
		}
		call.Business.RawRecipients = row.allow
		o := outbound.NewOutgoing(call, outbound.Addressee{Sent: "+" + adaNumber, Told: identityOf(t, adaNumber), Customer: ada, Raw: row.raw})
		b.Back(t.Context(), o, 200, usualAnswer())
		if got := fmt.Sprint(b.store.rolled); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// Of what is sent under a later handle of a customer statuses come, and so it is noted;
// a first handle needs nothing, and a message to a group goes to no handle.
func TestMessagesUnderALaterHandleAreEntered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		renewed bool
		group   string
		entered bool
	}{
		"a first handle":               {false, "", false},
		"a later handle":               {true, "", true},
		"a group, with a later handle": {true, "Y2FwaV9ncm91cDox", false},
	} {
		b := newBack(t)
		ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
		ada.Scopes[webhook.Direct].Renewed = row.renewed
		call := b.call(t, "messages_send", masking.ShapeUserID)
		call.Group = row.group
		o := outbound.NewOutgoing(call, outbound.Addressee{
			Sent: handleOf(ada, business(0)), Told: identityOf(t, adaNumber), Customer: ada,
		})
		b.Back(t.Context(), o, 200, usualAnswer())
		want := "[]"
		if row.entered {
			want = "[renewed " + ada.Scopes[webhook.Direct].Handle.Key() + "." + stanza + "]"
		}
		if got := fmt.Sprint(b.store.rolled); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A message to a plain number that cannot be noted went out all the same; the log
// says what may follow, and not whose it is.
func TestAMessageToAPlainNumberThatCannotBeEntered(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	call := b.call(t, "messages_send", masking.ShapeUserID)
	call.Business.RawRecipients = webhook.AllowRaw
	b.store.away = errAway
	got := b.Back(t.Context(), outbound.NewOutgoing(call, outbound.Addressee{Sent: "+" + adaNumber, Told: identityOf(t, adaNumber), Raw: true}), 200, usualAnswer())
	if got.Status != 200 || !strings.Contains(string(got.Body), `"messages":[{"id":"wamid.`) {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	if log := b.log.String(); !strings.Contains(log, "could not be noted") || strings.Contains(log, adaNumber) {
		t.Errorf("log %s", log)
	}
}

// What else is known of whoever is addressed by a plain number stays a secret, also
// where nobody looks for it.
func TestAPlainNumberLeadsToNothingElse(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	call := b.call(t, "messages_send", masking.ShapeUserID)
	call.Business.RawRecipients = webhook.AllowRaw
	o := outbound.NewOutgoing(call, outbound.Addressee{Sent: "+" + adaNumber, Told: identityOf(t, adaNumber), Customer: ada, Raw: true})
	got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, `{"contacts":[{"input":"%s"}],"messages":[{"id":"%s","message_status":"%s"}]}`, adaNumber, wamid(adaNumber), adaUser))
	mustHide(t, got.Body, adaUser)
	want := fmt.Sprintf(`{"messaging_product":"whatsapp","contacts":[{"input":"+%[1]s","wa_id":"%[1]s"}],"messages":[{"id":"%[2]s"}]}`, adaNumber, b.masks.For("acme").Mask(wamid(adaNumber), nil))
	if string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}
