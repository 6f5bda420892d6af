package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"bauta/webhook/meta"
)

// routeCase is how a route is called, and what its answer says when all is well.
type routeCase struct {
	// query and body are nil where the call has none; object is nil for the usual one.
	query, body func(w *askable, p party) string
	object      func(w *askable) string
	// who can be named; nil: the call names nobody.
	who           []string
	before, after func(t *testing.T, w *askable, p party)
	want          func(w *askable, p party) map[string]string
}

// meaning makes a want of a fixed answer.
func meaning(want map[string]string) func(*askable, party) map[string]string {
	return func(*askable, party) map[string]string { return want }
}

// routeCases has one for every route whose calls are made.
func routeCases() map[string]routeCase {
	cases := map[string]routeCase{}
	for _, some := range []map[string]routeCase{sendingCases(), contactCases(), mediaCases(), accountCases(), groupCases()} {
		maps.Copy(cases, some)
	}
	return cases
}

func sendingCases() map[string]routeCase {
	direct := []string{"hidden", "known by user id", "visible"}
	message := routeCase{
		who: append([]string{"in a group"}, direct...),
		body: func(w *askable, p party) string {
			return `{"messaging_product":"whatsapp",` + w.to(p) + `,"type":"text","text":{"body":"Hello"}}`
		},
		want: func(w *askable, p party) map[string]string {
			if p.group != "" {
				return map[string]string{"contacts.0.input": p.group, "messages.0.group_id": p.group, "messages.0.id": "^wamid."}
			}
			member, name := w.named(p)
			input := p.handle
			if input == "" {
				input = "+" + p.person.Number
			}
			return map[string]string{"contacts.0.input": input, "contacts.0." + member: name, "contacts.1.input": "", "messages.0.id": "^wamid."}
		},
	}
	return map[string]routeCase{
		"messages_send":           message,
		"marketing_messages_send": message,
		"calls": {
			who: direct,
			body: func(w *askable, p party) string {
				return `{"messaging_product":"whatsapp",` + w.to(p) + `,"action":"connect","session":{"sdp_type":"offer","sdp":"v=0"}}`
			},
			want: meaning(map[string]string{"calls.0.id": "^wacid."}),
		},
		"call_permissions": {
			who: direct,
			query: func(w *askable, p party) string {
				if p.handle == "" || w.shape == "phone" {
					_, name := w.named(p)
					return url.Values{"user_wa_id": {name}}.Encode()
				}
				return url.Values{"recipient": {p.handle}}.Encode()
			},
			want: meaning(map[string]string{"permission.status": "no_permission", "actions.0.action_name": "*"}),
		},
	}
}

// block makes a call of block_users, whatever it answers.
func block(method string) func(t *testing.T, w *askable, p party) {
	return func(t *testing.T, w *askable, p party) {
		t.Helper()
		w.call(t, method, "/v25.0/"+business().PhoneNumberID+"/block_users", blocking(w, p))
	}
}

func blocking(w *askable, p party) string {
	return `{"messaging_product":"whatsapp","block_users":[` + w.user(p) + `]}`
}

func contactCases() map[string]routeCase {
	direct := []string{"hidden", "known by user id", "visible"}
	changed := func(list string) func(*askable, party) map[string]string {
		return func(w *askable, p party) map[string]string {
			member, name := w.named(p)
			return map[string]string{"block_users." + list + ".0.input": "*", "block_users." + list + ".0." + member: name}
		}
	}
	return map[string]routeCase{
		"block_users_list": {
			who: direct, before: block(http.MethodPost), after: block(http.MethodDelete),
			want: func(w *askable, p party) map[string]string {
				member, name := w.named(p)
				return map[string]string{"data.0.block_users.0." + member: name, "paging.cursors.after": "*", "paging.next": ""}
			},
		},
		"block_users_add":    {who: direct, body: blocking, after: block(http.MethodDelete), want: changed("added_users")},
		"block_users_remove": {who: direct, body: blocking, before: block(http.MethodPost), want: changed("removed_users")},
		"contact_book_delete": {
			who: direct,
			query: func(_ *askable, p party) string {
				id := p.handle
				if id == "" {
					id = p.person.UserID
				}
				return url.Values{"messaging_product": {"whatsapp"}, "bsuid": {id}}.Encode()
			},
			want: meaning(map[string]string{"success": "true"}),
		},
	}
}

// uploaded is a file in its form.
func uploaded(*askable, party) string {
	return "--next\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n" +
		"--next\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage/png\r\n" +
		"--next\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\na picture\r\n--next--\r\n"
}

func mediaCases() map[string]routeCase {
	return map[string]routeCase{
		"media_upload": {body: uploaded, want: meaning(map[string]string{"id": "*"})},
		"media_look_up": {want: func(w *askable, _ party) map[string]string {
			return map[string]string{"id": w.medium, "mime_type": "image/png", "url": "^" + w.public + "/media/"}
		}},
		"media_delete": {
			before: func(t *testing.T, w *askable, p party) {
				t.Helper()
				for _, route := range meta.NewAPI().Match(http.MethodPost, "media") {
					w.uploaded = in(t, w.ask(t, route, routeCases()["media_upload"], "v25.0", p).body, "id")
				}
			},
			object: func(w *askable) string {
				if w.uploaded == "" {
					return w.medium
				}
				return w.uploaded
			},
			want: meaning(map[string]string{"success": "true"}),
		},
	}
}

func accountCases() map[string]routeCase {
	fixed := func(text string) func(*askable, party) string { return func(*askable, party) string { return text } }
	return map[string]routeCase{
		"templates_list": {want: meaning(map[string]string{"data.0.name": "hello_world", "paging.next": ""})},
		"templates_create": {
			body: fixed(`{"name":"order_update","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Hi"}]}`),
			want: meaning(map[string]string{"id": "*"}),
		},
		"templates_delete":   {query: fixed("name=order_update"), want: meaning(map[string]string{"success": "true"})},
		"profile_get":        {want: meaning(map[string]string{"data.0.messaging_product": "whatsapp"})},
		"profile_update":     {body: fixed(`{"messaging_product":"whatsapp","about":"We are open"}`), want: meaning(map[string]string{"success": "true"})},
		"phone_number_get":   {want: meaning(map[string]string{"id": business().PhoneNumberID})},
		"phone_numbers_list": {want: meaning(map[string]string{"data.0.id": business().PhoneNumberID})},
		"account_get":        {want: meaning(map[string]string{"id": waba})},
	}
}

// joins has Eve ask to join.
func joins(t *testing.T, w *askable, _ party) {
	t.Helper()
	asked, err := w.graph.AskToJoin(declaredGroup, eve())
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, asked)
	list := w.call(t, http.MethodGet, "/v25.0/"+declaredGroup+"/join_requests", "")
	w.joining = in(t, list.body, "data", 0, "join_request_id")
}

func groupCases() map[string]routeCase {
	group := []string{"in a group"}
	joining := func(w *askable, _ party) string {
		return `{"messaging_product":"whatsapp","join_requests":["` + w.joining + `"]}`
	}
	first := func(list string) func(*askable, party) map[string]string {
		return func(w *askable, _ party) map[string]string { return map[string]string{list + ".0": w.joining} }
	}
	return map[string]routeCase{
		"groups_list": {want: meaning(map[string]string{"data.groups.0.id": declaredGroup})},
		"group_get": {who: group, query: func(*askable, party) string { return "fields=subject,participants" }, want: func(w *askable, p party) map[string]string {
			member, name := w.named(p)
			return map[string]string{"id": declaredGroup, "subject": "Runners", "participants.0." + member: name}
		}},
		"participants_remove": {
			who: group, want: meaning(map[string]string{"request_id": "*"}),
			body: func(w *askable, p party) string {
				return `{"messaging_product":"whatsapp","participants":[` + w.user(p) + `]}`
			},
		},
		"join_requests_list":    {before: joins, want: meaning(map[string]string{"data.0.join_request_id": "*"})},
		"join_requests_approve": {before: joins, body: joining, want: first("approved_join_requests")},
		"join_requests_reject":  {before: joins, body: joining, want: first("rejected_join_requests")},
		"invite_link_get":       {want: meaning(map[string]string{"messaging_product": "whatsapp", "invite_link": ""})},
		"invite_link_reset":     {body: func(*askable, party) string { return `{"messaging_product":"whatsapp"}` }, want: meaning(map[string]string{"messaging_product": "whatsapp", "invite_link": ""})},
	}
}
