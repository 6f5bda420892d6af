package outbound_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// The platform's own request (identity.md 2.5), as JSON and as a form.
func TestThePlatformsOwnRequestIsRecognised(t *testing.T) {
	t.Parallel()
	const request = `{"type":"request_contact_info","body":{"text":"May we call you?"},"action":{"name":"request_contact_info"}}`
	sum := sha256.Sum256([]byte("May we call you?"))
	for name, row := range map[string]struct {
		body string
		form bool
		asks bool
	}{
		"as JSON":                     {`{"to":"{ada}","type":"interactive","interactive":` + request + `}`, false, true},
		"under its former name":       {`{"to":"{ada}","type":"interactive","interactive":` + strings.Replace(request, `"request_contact_info","body"`, `"contact_request","body"`, 1) + `}`, false, true},
		"as a form":                   {"to={ada}&type=interactive&interactive=" + url.QueryEscape(request), true, true},
		"in capitals":                 {`{"to":"{ada}","type":"interactive","interactive":` + strings.ReplaceAll(request, "request_contact_info", "REQUEST_CONTACT_INFO") + `}`, false, true},
		"by its action alone":         {`{"to":"{ada}","type":"interactive","interactive":` + strings.Replace(request, `"request_contact_info","body"`, `"x","body"`, 1) + `}`, false, true},
		"before another type":         {`{"to":"{ada}","type":"interactive","interactive":{"type":"request_contact_info","type":"button","body":{"text":"May we call you?"}}}`, false, true},
		"behind another type":         {`{"to":"{ada}","type":"interactive","interactive":{"type":"button","type":"request_contact_info","body":{"text":"May we call you?"}}}`, false, true},
		"with escapes":                {`{"to":"{ada}","type":"interactive","interactive":{"t\u0079pe":"request\u005fcontact_info","body":{"text":"May we call you?"}}}`, false, true},
		"to both names of one":        {`{"to":"{ada phone}","recipient":"{ada}","type":"interactive","interactive":` + request + `}`, false, true},
		"a form without an object":    {"to={ada}&type=interactive&interactive=", true, false},
		"another interactive":         {`{"to":"{ada}","type":"interactive","interactive":{"type":"button","body":{"text":"May we call you?"}}}`, false, false},
		"a text":                      {`{"to":"{ada}","type":"text","text":{"body":"May we call you?"}}`, false, false},
		"a form with a text":          {"to={ada}&type=text", true, false},
		"to a number that it may use": {`{"to":"393335550111","type":"interactive","interactive":` + request + `}`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			c := room.call(t, "messages_send", row.body)
			c.Form = row.form
			out, err := room.Out(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			key, wording, asks := out.Asks()
			if asks != row.asks {
				t.Fatalf("asks %v, want %v", asks, row.asks)
			}
			if !asks {
				return
			}
			ada := room.customer("ada").Scopes[webhook.Direct].Handle
			if key != ada.Key() || wording != hex.EncodeToString(sum[:]) {
				t.Errorf("asks %q by %q", key, wording)
			}
			if handles, ids := out.Reversed(); len(handles) != 1 || handles[0] != ada.In(masking.View{ShowCountry: true}) || ids[0] != "ada" {
				t.Errorf("reversed %v, %v", handles, ids)
			}
		})
	}
}

// A template's buttons stand at the platform: it asks where a component of the call names
// such a button, and what is recorded is its name.
func TestATemplateThatNamesItsRequestAsks(t *testing.T) {
	t.Parallel()
	const plain = `{"name":"may_we_call","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"text","text":"request_contact_info"}]}]}`
	named := strings.Replace(plain, `[{"type":"body"`, `[{"type":"button","sub_type":"request_contact_info","index":"0"},{"type":"body"`, 1)
	inCard := strings.Replace(plain, `[{"type":"body"`, `[{"type":"carousel","cards":[{"card_index":0,"components":[{"type":"BUTTON","sub_type":"REQUEST_CONTACT_INFO","index":0}]}]},{"type":"body"`, 1)
	sum := sha256.Sum256([]byte("may_we_call"))
	for name, row := range map[string]struct {
		body       string
		form, asks bool
	}{
		"by a component":        {`{"to":"{ada}","type":"template","template":` + named + `}`, false, true},
		"in a card":             {`{"to":"{ada}","type":"template","template":` + inCard + `}`, false, true},
		"as a form":             {"to={ada}&type=template&template=" + url.QueryEscape(named), true, true},
		"only in its text":      {`{"to":"{ada}","type":"template","template":` + plain + `}`, false, false},
		"beside the template":   {`{"to":"{ada}","type":"template","template":` + plain + `,"x":{"sub_type":"request_contact_info"}}`, false, false},
		"a form without a name": {"to={ada}&type=template&template=" + url.QueryEscape(plain), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			c := room.call(t, "messages_send", row.body)
			c.Form = row.form
			out, err := room.Out(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if _, wording, asks := out.Asks(); asks != row.asks || asks && wording != hex.EncodeToString(sum[:]) {
				t.Errorf("asks %v by %q, want %v", asks, wording, row.asks)
			}
		})
	}
}

// A request that nobody could take note of does not go out: what the platform might
// read as one, or to whom nobody knows.
func TestARequestIsNeverMissed(t *testing.T) {
	t.Parallel()
	const request = `{"type":"request_contact_info","body":{"text":"May we call you?"}}`
	const group = `"to":"` + runners + `","recipient_type":"group"`
	inText := strconv.Quote(request)
	for name, row := range map[string]struct {
		body string
		form bool
		at   string
	}{
		"to a group":                     {`{` + group + `,"type":"interactive","interactive":` + request + `}`, false, "interactive"},
		"to a group, in a form":          {"to=" + runners + "&recipient_type=group&interactive=" + url.QueryEscape(request), true, "interactive"},
		"a text that holds one":          {`{"to":"{ada}","type":"interactive","interactive":` + inText + `}`, false, "interactive"},
		"a text that holds one, to many": {`{` + group + `,"type":"interactive","interactive":` + inText + `}`, false, "interactive"},
		"a text in a form":               {"to={ada}&interactive=" + url.QueryEscape(inText), true, "interactive"},
		"a list":                         {`{"to":"{ada}","type":"interactive","interactive":[` + request + `]}`, false, "interactive"},
		"two of them":                    {`{"to":"{ada}","interactive":{"type":"button"},"interactive":` + request + `}`, false, "interactive"},
		"two of them in a form":          {"to={ada}&interactive=%7B%7D&interactive=" + url.QueryEscape(request), true, "interactive"},
		"under nearly that name":         {`{"to":"{ada}","Interactive":` + request + `}`, false, "the body"},
		"by brackets in a form":          {"to={ada}&interactive[type]=request_contact_info", true, "byte"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			c := room.call(t, "messages_send", row.body)
			c.Form = row.form
			_, err := room.Out(t.Context(), c)
			bad, ok := errors.AsType[*outbound.BodyError](err)
			if !ok || !strings.HasPrefix(bad.Position, row.at) {
				t.Errorf("got %v, want a refusal at %s", err, row.at)
			}
		})
	}
}

// Who is named by a plain number, or is seen anyway, is no reversal.
func TestOnlyHandlesAreReversed(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	out, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"393335550111","type":"text","text":{"body":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if handles, ids := out.Reversed(); len(handles)+len(ids) != 0 {
		t.Errorf("reversed %v, %v", handles, ids)
	}
}

// What is on Bauta's buttons goes out on no other, however it is written.
func TestWhatIsBautasIsNotSent(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	token := sharing.NewTokens(room.keys).Issue(sharing.Claims{
		Business: "acme", Handle: "1234567890", Action: sharing.ActShare, Question: "AAAAAAAAAAAAAAAA", Expires: time.Now().Add(time.Hour),
	})
	button := func(id string) string {
		return `{"type":"button","body":{"text":"Win"},"action":{"buttons":[{"type":"reply","reply":{"id":"` + id + `","title":"Win"}}]}}`
	}
	for name, row := range map[string]struct {
		body string
		form bool
	}{
		"a token in JSON":         {`{"to":"{ada}","type":"interactive","interactive":` + button(token) + `}`, false},
		"a token in a form":       {"to={ada}&interactive=" + url.QueryEscape(button(token)), true},
		"what looks like one":     {`{"to":"{ada}","type":"interactive","interactive":` + button(token[:len(token)-4]+"AAAA") + `}`, false},
		"a reserved id":           {`{"to":"{ada}","type":"interactive","interactive":` + button("bauta:share") + `}`, false},
		"a reserved id in a form": {"to={ada}&interactive=" + url.QueryEscape(button("bauta:share")), true},
		"reserved callback data":  {`{"to":"{ada}","type":"text","text":{"body":"a"},"biz_opaque_callback_data":"bauta:question:1"}`, false},
		"the same in a form":      {"to={ada}&type=text&biz_opaque_callback_data=bauta:question:1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := room.call(t, "messages_send", row.body)
			c.Form = row.form
			_, err := room.Out(t.Context(), c)
			bad, ok := errors.AsType[*outbound.BodyError](err)
			if !ok || strings.Contains(bad.Error(), token[:30]) {
				t.Errorf("got %v, want a refusal that quotes nothing", err)
			}
		})
	}
}
