package outbound_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

// formCall is a call with a form, whose words in braces are filled in encoded.
func (r *sendRoom) formCall(tb testing.TB, route, body string) outbound.Call {
	tb.Helper()
	c := r.call(tb, route, "")
	for i := 1; i < len(r.words); i += 2 {
		r.words[i] = url.QueryEscape(r.words[i])
	}
	c.Body, c.Form = []byte(r.filled(body)), true
	return c
}

func TestOutTranslatesForms(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ route, body, want string }{
		"a recipient, and the rest as it was sent": {
			"messages_send", `messaging_product=whatsapp&to=%2B{ada phone}&type=text&text=%7b"body"%3a"caf%C3%A9+{ada}"%7d`,
			`messaging_product=whatsapp&recipient=US.1000200030004000&type=text&text=%7b"body"%3a"caf%C3%A9+{ada}"%7d`,
		},
		"a number":                    {"messages_send", `to={ben}`, `to=%2B447700900123`},
		"a name written with escapes": {"messages_send", `%74o={ben}`, `to=%2B447700900123`},
		"an empty second member":      {"messages_send", `to=&recipient={ada}&type=text`, `recipient=US.1000200030004000&type=text`},
		"both members of one person":  {"messages_send", `to={ada}&recipient={ada phone}`, `recipient=US.1000200030004000`},
		"a quoted message": {
			"messages_send", `to={ada}&context={"message_id":"{ada's message}"}`,
			`recipient=US.1000200030004000&context=` + url.QueryEscape(`{"message_id":"`+inboundRaw+`"}`),
		},
		"a context that names nothing": {"messages_send", `to={ben}&context={}&&x`, `to=%2B447700900123&context={}&&x`},
		"a token":                      {"messages_send", `access_token=x&to={ben}&access_token=y`, `to=%2B447700900123`},
		"a read mark":                  {"messages_send", `status=read&message_id={ada's message}`, `status=read&message_id=` + url.QueryEscape(inboundRaw)},
		"a group":                      {"messages_send", `recipient_type=group&to=` + runners, `recipient_type=group&to=` + runners},
		"a template for numbers": {
			"messages_send", `to={ada}&type=template&template={"name":"login_code","language":{"code":"en_US"}}`,
			`to=%2B15550001234&type=template&template={"name":"login_code","language":{"code":"en_US"}}`,
		},
		"a list": {
			"block_users_add", `block_users=[{"user":"{ada}"},+{"user_id":null,"user":"{ben}"}]`,
			`block_users=` + url.QueryEscape(`[{"user_id":"US.1000200030004000"}, {"user":"+447700900123"}]`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			got, err := room.Out(t.Context(), room.formCall(t, row.route, row.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(room.filled(row.want), string(got.Body)); diff != "" {
				t.Errorf("the platform gets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutSaysWhatIsWrongWithAForm(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ body, position string }{
		"a broken escape":              {`type=text&to=%2`, "byte 10"},
		"a semicolon":                  {`text=a;to=15550001234`, "byte 0"},
		"a name with brackets":         {`type=text&to[]=15550001234`, "byte 10"},
		"the same, escaped":            {`to%5B%5D=15550001234`, "byte 0"},
		"a name with a dot":            {`message.id=x`, "byte 0"},
		"a name in capitals":           {`To=15550001234`, "to"},
		"two recipients":               {`to={ben}&to=15550001234`, "to"},
		"two contexts":                 {`to={ben}&context={}&context={"message_id":"x"}`, "context"},
		"two types of recipient":       {`recipient_type=individual&to=` + runners + `&recipient_type=group`, "recipient_type"},
		"a context that is no JSON":    {`to={ben}&context={"message_id"}`, "context, byte 13 (line 1, column 14)"},
		"a context that is a text":     {`to={ben}&context="x"`, "context"},
		"two ids in a context":         {`to={ben}&context={"message_id":"x","message_id":"y"}`, "context.message_id"},
		"an empty id":                  {`status=read&message_id=`, "message_id"},
		"a recipient in JSON's quotes": {`to="15550001234"`, "to"},
		"several objects":              {`ids=1,2`, "ids"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			_, err := room.Out(t.Context(), room.formCall(t, "messages_send", row.body))
			bad, ok := errors.AsType[*outbound.BodyError](err)
			if !ok || bad.Position != row.position {
				t.Errorf("got %v, want a fault at %q", err, row.position)
			}
		})
	}
}

func TestOutRefusesPeopleInFormsAsInJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		`to=15550001234`:           outbound.ErrRawRecipient,
		`to=%2B1+555+000+1234`:     outbound.ErrRawRecipient,
		`recipient={nobody}`:       webhook.ErrUnknownHandle,
		`type=text`:                outbound.ErrNoRecipient,
		`to=&type=text`:            outbound.ErrNoRecipient,
		`to={ada in group}`:        outbound.ErrGroupHandle,
		`to={ada}&recipient={ben}`: outbound.ErrTwoRecipients,
	} {
		room := newSendRoom(t)
		if _, err := room.Out(t.Context(), room.formCall(t, "messages_send", body)); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", body, err, want)
		}
	}
}
