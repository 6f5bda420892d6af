package outbound_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

func TestOutRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body string
		want error
	}{
		"a handle of nobody":                            {`{"to":"{nobody}"}`, webhook.ErrUnknownHandle},
		"a customer of whom nothing is known any more":  {`{"to":"{finn}"}`, webhook.ErrUnknownHandle},
		"a group's handle for a direct chat":            {`{"to":"{ada in group}"}`, outbound.ErrGroupHandle},
		"a handle in the place of a group":              {`{"recipient_type":"group","to":"{ada in group}"}`, outbound.ErrGroupHandle},
		"nobody's handle in the place of a group":       {`{"recipient_type":"group","to":"{nobody}"}`, outbound.ErrGroupHandle},
		"a number in the place of a group":              {`{"recipient_type":"group","to":"393335550111"}`, outbound.ErrRawRecipient},
		"a hidden customer's number":                    {`{"to":"+15550001234"}`, outbound.ErrRawRecipient},
		"in other digits":                               {`{"to":"+１５５５０００１２３４"}`, outbound.ErrRawRecipient},
		"as a JSON number":                              {`{"to":15550001234}`, outbound.ErrRawRecipient},
		"a hidden customer's user id":                   {`{"recipient":"US.1000200030004000"}`, outbound.ErrRawRecipient},
		"an undecided customer's number":                {`{"to":"447700900123"}`, outbound.ErrRawRecipient},
		"a number that nobody has seen":                 {`{"to":"12025550199"}`, outbound.ErrRawRecipient},
		"a handle with a wrong check digit is a number": {`{"to":"{ada phone, misspelt}"}`, outbound.ErrRawRecipient},
		"two handles of two people":                     {`{"to":"{ada}","recipient":"{ben}"}`, outbound.ErrTwoRecipients},
		"a plain number is refused before the handle":   {`{"to":"15550001234","recipient":"{nobody}"}`, outbound.ErrRawRecipient},
		"also on the other side":                        {`{"to":"{nobody}","recipient":"US.1000200030004000"}`, outbound.ErrRawRecipient},
		"a visible number and somebody else's handle":   {`{"to":"393335550111","recipient":"{ada}"}`, outbound.ErrTwoRecipients},
		"nobody":                {`{"type":"text"}`, outbound.ErrNoRecipient},
		"an empty recipient":    {`{"to":"","recipient":null}`, outbound.ErrNoRecipient},
		"a group without an id": {`{"recipient_type":"group","to":""}`, outbound.ErrNoRecipient},
		"a template for numbers to a user id": {
			`{"to":"{cleo}","type":"template","template":{"name":"login_code","language":{"code":"en_US"}}}`, outbound.ErrNeedsNumber,
		},
		"a message id of another business":   {`{"to":"{ada}","context":{"message_id":"{another business's message}"}}`, outbound.ErrUnknownMessage},
		"an id of no known form":             {`{"to":"{ada}","context":{"message_id":"wamid.abc"}}`, outbound.ErrUnknownMessage},
		"a hidden customer's own message id": {`{"status":"read","message_id":"{ada's raw message}"}`, outbound.ErrUnknownMessage},
		"also under their handle":            {`{"to":"{ada}","context":{"message_id":"{ada's raw message}"}}`, outbound.ErrUnknownMessage},
		"a stranger's message id":            {`{"status":"read","message_id":"{stranger's message}"}`, outbound.ErrUnknownMessage},
		"a reaction to somebody else's message": {
			`{"to":"{ben}","reaction":{"message_id":"{ada's message}"}}`, outbound.ErrUnknownMessage,
		},
		"also when the id was sealed whole":              {`{"to":"{ben}","reaction":{"message_id":"{ada's sealed message}"}}`, outbound.ErrUnknownMessage},
		"a group's message that was sealed whole":        {`{"to":"{ada}","reaction":{"message_id":"{ada's sealed group message}"}}`, outbound.ErrUnknownMessage},
		"a group's message in the direct chat":           {`{"to":"{ada}","reaction":{"message_id":"{ada's group message}"}}`, outbound.ErrUnknownMessage},
		"a direct message in a group":                    {`{"recipient_type":"group","to":"` + runners + `","context":{"message_id":"{ada's message}"}}`, outbound.ErrUnknownMessage},
		"also when the id is sealed whole":               {`{"recipient_type":"group","to":"` + runners + `","context":{"message_id":"{ada's sealed message}"}}`, outbound.ErrUnknownMessage},
		"a visible customer's direct message in a group": {`{"recipient_type":"group","to":"` + runners + `","context":{"message_id":"{dora's message}"}}`, outbound.ErrUnknownMessage},
		"a group's message in another group":             {`{"recipient_type":"group","to":"Y2FwaV9ncm91cDoy","context":{"message_id":"{ada's group message}"}}`, outbound.ErrUnknownMessage},
		"a visible customer's message, to somebody else": {`{"to":"{ada}","reaction":{"message_id":"{dora's message}"}}`, outbound.ErrUnknownMessage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			got, err := room.Out(t.Context(), room.call(t, "messages_send", row.body))
			if !errors.Is(err, row.want) || got != nil {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestOutSaysWhatIsWrongWithABody(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ route, body, position string }{
		"no JSON":                            {"messages_send", `{"to":"{ben}",}`, "byte "},
		"no JSON in its third line":          {"messages_send", "{\n  \"type\":\"text\",\n  \"to\":x}", "byte 26 (line 3, column 8)"},
		"no JSON in its first line":          {"messages_send", `{"to":x}`, "byte 6 (line 1, column 7)"},
		"an array":                           {"messages_send", `[{"to":"{ben}"}]`, "the body"},
		"too deep":                           {"messages_send", `{"x":` + strings.Repeat("[", 80) + strings.Repeat("]", 80) + `}`, "the body"},
		"a list of recipients":               {"messages_send", `{"to":["{ben}"]}`, "to"},
		"true for a recipient":               {"messages_send", `{"recipient":true}`, "recipient"},
		"a fraction for a number":            {"messages_send", `{"to":1555000.1234}`, "to"},
		"an exponent for a number":           {"messages_send", `{"to":1.5550001234e10}`, "to"},
		"a number for a user id":             {"messages_send", `{"recipient":{ben phone}}`, "recipient"},
		"words for a recipient":              {"messages_send", `{"to":"my friend"}`, "to"},
		"a parent user id":                   {"messages_send", `{"recipient":"AU.ENT.5566778899"}`, "recipient"},
		"a number without its country code":  {"messages_send", `{"to":"0333 5550111"}`, "to"},
		"no group's id":                      {"messages_send", `{"recipient_type":"group","to":"x15550001234"}`, "to"},
		"a person beside a group":            {"messages_send", `{"recipient_type":"group","to":"` + runners + `","recipient":"{ada}"}`, "recipient"},
		"two recipients of one name":         {"messages_send", `{"to":"{ben}","to":"15550001234"}`, "to"},
		"also when one is escaped":           {"messages_send", `{"to":"{ben}","\u0074o":"15550001234"}`, "to"},
		"also when the first one is null":    {"messages_send", `{"to":null,"to":"{ben}"}`, "to"},
		"two contexts":                       {"messages_send", `{"to":"{ben}","context":{},"context":{"message_id":"x"}}`, "context"},
		"a number behind zeros for a group":  {"messages_send", `{"recipient_type":"group","to":"0000015550001234"}`, "to"},
		"a hash of a hidden customer":        {"messages_send", `{"to":"{ada}","recipient_identity_key_hash":"DF2lS5v2W6x="}`, "recipient_identity_key_hash"},
		"such a hash in other letters":       {"messages_send", `{"to":"{ada}","Recipient.Identity_Key_Hash":"DF2lS5v2W6x="}`, "recipient_identity_key_hash"},
		"such a hash of an undecided one":    {"messages_send", `{"recipient_identity_key_hash":null,"to":"{ben}"}`, "recipient_identity_key_hash"},
		"two types of recipient":             {"messages_send", `{"recipient_type":"individual","to":"` + runners + `","recipient_type":"group"}`, "recipient_type"},
		"a name in capitals":                 {"messages_send", `{"to":"{ben}","TO":"15550001234"}`, "the body"},
		"a name with brackets":               {"messages_send", `{"to":"{ben}","to[0]":"15550001234"}`, "the body"},
		"a name with a blank":                {"messages_send", `{"to":"{ben}","recipient ":"15550001234"}`, "the body"},
		"a name with a dot for a line":       {"messages_send", `{"to":"{ben}","context":{"message.id":"x"}}`, "context"},
		"JSON in a text":                     {"messages_send", `{"to":"{ben}","context":"{\"message_id\":\"x\"}"}`, "context"},
		"an array for an object":             {"messages_send", `{"to":"{ben}","reaction":[{"message_id":"x"}]}`, "reaction"},
		"an empty message id":                {"messages_send", `{"to":"{ben}","context":{"message_id":""}}`, "context.message_id"},
		"a number for a message id":          {"messages_send", `{"to":"{ben}","context":{"message_id":5}}`, "context.message_id"},
		"several objects":                    {"messages_send", `{"to":"{ben}","ids":"1,2"}`, "ids"},
		"a batch":                            {"messages_send", `{"batch":[]}`, "batch"},
		"another method":                     {"messages_send", `{"to":"{ben}","method":"delete"}`, "method"},
		"a proof":                            {"messages_send", `{"to":"{ben}","appsecret_proof":"x"}`, "appsecret_proof"},
		"an object for a list":               {"block_users_add", `{"block_users":{"user":"15550001234"}}`, "block_users"},
		"a text in the list":                 {"block_users_add", `{"block_users":["15550001234"]}`, "block_users.0"},
		"the second of a list":               {"block_users_add", `{"block_users":[{"user":"{ben}"},{"user":[]}]}`, "block_users.1.user"},
		"very many people":                   {"block_users_add", `{"block_users":[` + strings.Repeat(`{"user":"{ben}"},`, 256) + `{"user":"{ben}"}]}`, "block_users.256.user"},
		"a body for a call that takes none":  {"call_permissions", `{"user_wa_id":"15550001234"}`, "the body"},
		"a body for the end of a list entry": {"contact_book_delete", `{"bsuid":"{ada}"}`, "the body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			_, err := room.Out(t.Context(), room.call(t, row.route, row.body))
			bad, ok := errors.AsType[*outbound.BodyError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			offset := strings.HasSuffix(row.position, " ") && strings.HasPrefix(bad.Position, row.position)
			if bad.Position != row.position && !offset {
				t.Errorf("the fault is at %q, want %q", bad.Position, row.position)
			}
			if strings.Contains(err.Error(), "1555000") || strings.Contains(err.Error(), "friend") {
				t.Errorf("the body is quoted: %v", err)
			}
		})
	}
}

func TestAnItemThatNamesNobodyIsRefused(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	for _, body := range []string{
		`{"block_users":[{}]}`, `{"block_users":[{"user":"{ben}"},{"user":""}]}`, `{"block_users":[{"user_id":null}]}`,
	} {
		if _, err := room.Out(t.Context(), room.call(t, "block_users_add", body)); !errors.Is(err, outbound.ErrNoRecipient) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestRawRecipients(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		policy webhook.RawRecipients
		body   string
		// want is what goes out, or an error.
		want string
		err  error
	}{
		"deny refuses a visible customer's number":     {webhook.DenyRaw, `{"to":"393335550111"}`, "", outbound.ErrRawRecipient},
		"deny takes handles":                           {webhook.DenyRaw, `{"to":"{dora}"}`, `{"recipient":"IT.9988776655443322"}`, nil},
		"deny takes a visible customer's message id":   {webhook.DenyRaw, `{"to":"{dora}","context":{"message_id":"{dora's message}"}}`, `{"recipient":"IT.9988776655443322","context":{"message_id":"{dora's message}"}}`, nil},
		"allow takes a hidden customer's number":       {webhook.AllowRaw, `{"to":"1 (555) 000-1234"}`, `{"to":"+15550001234"}`, nil},
		"allow takes a stranger's user id, not in to":  {webhook.AllowRaw, `{"to":"GB.31415926535"}`, `{"recipient":"GB.31415926535"}`, nil},
		"allow takes a stranger's message id":          {webhook.AllowRaw, `{"to":"12025550199","context":{"message_id":"{stranger's message}"}}`, `{"to":"+12025550199","context":{"message_id":"{stranger's message}"}}`, nil},
		"allow does not tell whose number a handle is": {webhook.AllowRaw, `{"to":"15550001234","recipient":"{ada}"}`, "", outbound.ErrTwoRecipients},
		"nor whose user id a number is":                {webhook.AllowRaw, `{"to":"15550001234","recipient":"US.1000200030004000"}`, "", outbound.ErrTwoRecipients},
		"nor whose number a message's handle is":       {webhook.AllowRaw, `{"to":"15550001234","context":{"message_id":"{ada's message}"}}`, "", outbound.ErrUnknownMessage},
		"nor whose handle a plain message id is":       {webhook.AllowRaw, `{"to":"{ada}","context":{"message_id":"{ada's raw message}"}}`, "", outbound.ErrUnknownMessage},
		"a handle with separators is one all the same": {webhook.AllowRaw, `{"to":"{spaced}"}`, `{"to":"+447700900123"}`, nil},
		"known takes handles":                          {webhook.KnownRaw, `{"to":"{ben}"}`, `{"to":"+447700900123"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			room.business.RawRecipients = row.policy
			handle := room.filled("{ben phone}")
			room.words = append(room.words, "{spaced}", handle[:3]+" "+handle[3:7]+"-"+handle[7:])
			got, err := room.Out(t.Context(), room.call(t, "messages_send", row.body))
			if !errors.Is(err, row.err) || (err == nil) != (row.err == nil) {
				t.Fatalf("got %v, want %v", err, row.err)
			}
			if err == nil && string(got.Body) != room.filled(row.want) {
				t.Error(cmp.Diff(room.filled(row.want), string(got.Body)))
			}
		})
	}
}

func TestAnIdentityThatIsOverNamesNobody(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	dora := room.customer("dora")
	dora.Links[0].Ended = dora.Links[0].Since
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"393335550111"}`)); !errors.Is(err, outbound.ErrRawRecipient) {
		t.Errorf("a number that was given up: %v", err)
	}
}

func TestTheQueryIsBounded(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ route, query, position string }{
		"a parameter that the call does not take":    {"messages_send", "to=15550001234", "the query"},
		"fields where none are listed":               {"messages_send", "fields=id", "the query"},
		"a parameter twice":                          {"call_permissions", "user_wa_id={ben}&user_wa_id=15550001234", "user_wa_id"},
		"a number in the contact book":               {"contact_book_delete", "bsuid=15550001234", "bsuid"},
		"a cursor of nobody":                         {"block_users_list", "after=MTU1NTAwMDEyMzQ", "after"},
		"a cursor that is none":                      {"block_users_list", "before=%25", "before"},
		"a number that is none, in a bare parameter": {"call_permissions", "user_wa_id=x", "user_wa_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			_, err := room.Out(t.Context(), room.query(t, row.route, row.query))
			bad, ok := errors.AsType[*outbound.BodyError](err)
			if !ok || bad.Position != row.position {
				t.Errorf("got %v, want a fault at %q", err, row.position)
			}
		})
	}
}

// A hash of an identity is the same for every business. Where nobody is masked it
// passes, and where a plain number is refused, it is refused for that alone.
func TestAHashOfAnIdentityPassesForThoseWhoShow(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	for _, to := range []string{"393335550111", "{dora}", "IT.9988776655443322"} {
		o, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"`+to+`","recipient_identity_key_hash":"DF2lS5v2W6x="}`))
		if err != nil || !strings.Contains(string(o.Body), `"recipient_identity_key_hash":"DF2lS5v2W6x="`) {
			t.Errorf("%s: %v", to, err)
		}
	}
	room.business.RawRecipients = webhook.AllowRaw
	for _, to := range []string{"15550001234", "12025550199", "5511987654321", "{erin}"} {
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"`+to+`","recipient_identity_key_hash":"DF2lS5v2W6x="}`))
		if _, ok := errors.AsType[*outbound.BodyError](err); !ok {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// A message to a plain number has an id that was sealed whole. That its quote is
// taken at one handle only would tell whose number it was (raw_recipients: allow).
func TestAQuoteDoesNotTellWhoseAPlainNumberIs(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	room.business.RawRecipients = webhook.AllowRaw
	for _, to := range []string{"{ada}", "{ben}"} {
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"`+to+`","context":{"message_id":"{ada's sealed message}"}}`))
		if !errors.Is(err, outbound.ErrUnknownMessage) {
			t.Errorf("%s: %v", to, err)
		}
	}
}
