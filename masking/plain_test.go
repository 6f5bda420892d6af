package masking_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// explained is what stays of an error's text beside somebody who hides.
func explained(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsontree.Parse(fmt.Appendf(nil, `{"error":%s}`, quoted))
	if err != nil {
		t.Fatal(err)
	}
	got, err := masking.NewRewriter().Rewrite(masking.Job{
		Doc: doc, Schema: membersOf(map[string]*masking.Schema{"error": roleOf(masking.RoleError)}),
		People: []masking.Person{ada(t)}, Subject: 0, View: viewOf(t, masking.ShapeUserID),
	})
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Error string }
	if err := json.Unmarshal(got.Body, &out); err != nil {
		t.Fatal(err)
	}
	return out.Error
}

// What goes from an error's text is judged by its looks alone.
func TestAnErrorIsExplainedInPlainWords(t *testing.T) {
	t.Parallel()
	for _, row := range [][2]string{
		{"", ""},
		{"(#131047) Re-engagement message", "(#131047) Re-engagement message"},
		{"Message failed to send because more than 24 hours have passed.", "Message failed to send because more than 24 hours have passed."},
		{"Recipient is not a WhatsApp user, see OAuthException", "Recipient is not a WhatsApp user, see OAuthException"},
		{"Mensaje no enviado: número inválido", "Mensaje no enviado: número inválido"},
		{"Param type must be one of {AUDIO, TEXT_BODY}", "Param type must be one of {AUDIO, TEXT_BODY}"},
		{"to " + adaNumber, "to [number hidden]"},
		{"to +39 06 6982", "to [number hidden]"},
		{"template name (order_4711) does not exist in en_US", "template name (order_[number hidden]) does not exist in en_US"},
		{"got a" + adaNumber + "b", "got [hidden]"},
		{"got MTU1NTAwMDEyMzQ=", "got [hidden]="},
		{"no user US.1000200030004000.", "no user [hidden]."},
		{"at +15550783881, not +34 600 123 456", "at +15550783881, not [number hidden]"},
		{"(#1555000123) x", "(#[number hidden]) x"},
		{"\uff11\u0662", "[hidden]"},
	} {
		text, err := unquoted(row[0])
		if err != nil {
			t.Fatal(err)
		}
		got := explained(t, text)
		if got != row[1] {
			t.Errorf("%q: got %q, want %q", text, got, row[1])
		}
		if again := explained(t, got); again != got {
			t.Errorf("%q becomes %q the second time", got, again)
		}
	}
}

func unquoted(text string) (out string, err error) {
	err = json.Unmarshal([]byte(`"`+text+`"`), &out)
	return out, err
}
