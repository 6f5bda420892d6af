package outbound_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// tornSealer seals nothing any more.
type tornSealer struct{}

func (tornSealer) Seal([]byte, []byte) ([]byte, error) { return nil, errors.New("no key") }
func (tornSealer) Open([]byte, []byte) ([]byte, error) { return nil, errors.New("no key") }

// A cursor can hold an identity: where it cannot be sealed, the list stays here.
func TestACursorThatCannotBeSealedStaysHere(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	options := room.options()
	options.Sealer = tornSealer{}
	translator, err := outbound.New(options)
	if err != nil {
		t.Fatal(err)
	}
	const cursor = "MTU1NTAwMDEyMzQ="
	got := translator.Back(t.Context(), outbound.NewOutgoing(room.call(t, "block_users_list", "")), 200,
		[]byte(`{"data":[],"paging":{"cursors":{"after":"`+cursor+`"}}}`))
	if got.Fault != "bad_answer" || strings.Contains(string(got.Body), cursor) {
		t.Errorf("got %d %q %s", got.Status, got.Fault, got.Body)
	}
}

// A page's URL that is none has no cursor.
func TestAPagesURLThatIsNone(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, "block_users_list", 0)), 200, []byte(`{"data":[],"paging":{"next":"http://[::1/?after=a"}}`))
	if want := `{"data":[],"paging":{}}`; string(got.Body) != want {
		t.Errorf("got %s, want %s", got.Body, want)
	}
}

// What the business wrote into its templates stays as it is behind pages, which are
// written anew (promise 6 of ARCHITECTURE.md).
func TestTemplatesBehindThePages(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	const data = `,"data":[{"name":"a","components":[{"type":"BODY","text":"Call +1 555 000 1234"}],"language":"en_US"}]}`
	got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, "templates_list", 0)), 200, []byte(
		`{"paging":{"cursors":{"before":"QQ==","after":"Qg=="},"next":"https://graph.facebook.com/v25.0/1/message_templates?after=Qg=="}`+data))
	pages, ok := strings.CutSuffix(string(got.Body), data)
	if !ok || strings.Contains(pages, "Qg==") || strings.Contains(pages, "graph.facebook.com") {
		t.Errorf("got %s", got.Body)
	}
}

// A page of many people, each by user id only.
func TestALongListByUserID(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	call := b.call(t, "block_users_list", masking.ShapeUserID)
	var in, want []string
	for i := range 20 {
		c := b.customer(t, byte(i)*4, webhook.Hidden, fmt.Sprintf("US.10002000300040%02d", i), fmt.Sprintf("155500012%02d", i))
		in = append(in, fmt.Sprintf(`{"user_id":"US.10002000300040%02d"}`, i), fmt.Sprintf(`{"wa_id":"155500012%02d"}`, i))
		handle := `{"user_id":"` + handleOf(c, call.Business) + `"}`
		want = append(want, handle, handle)
	}
	got := b.Back(t.Context(), outbound.NewOutgoing(call), 200, []byte(`{"data":[{"block_users":[`+strings.Join(in, ",")+`]}]}`))
	if list := `{"data":[{"block_users":[` + strings.Join(want, ",") + `]}]}`; string(got.Body) != list {
		t.Errorf("got  %s\nwant %s", got.Body, list)
	}
	if b.store.recalls != 1 {
		t.Errorf("%d look-ups, want one", b.store.recalls)
	}
}
