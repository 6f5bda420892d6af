package element_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/lanes/element"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
	"bauta/webhook/meta"
)

func seal(t testing.TB, ring *lanestest.Ring, who string) (webhook.Item, string) {
	t.Helper()
	item := ring.Item(t, who, "evt_1", 1, "crm")
	sealed, err := element.Seal(&item)
	if err != nil {
		t.Fatal(err)
	}
	return item, string(sealed)
}

func TestAnElementOpensWhereItWasSealed(t *testing.T) {
	t.Parallel()
	ring := lanestest.NewRing(t)
	for _, who := range []string{lanestest.Customer(), ""} {
		item, text := seal(t, ring, who)
		e, err := element.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Open(t.Context(), ring, "acme", item.Conversation)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(item.Delivery, got); diff != "" {
			t.Errorf("delivery (-want +got):\n%s", diff)
		}
		if strings.Contains(text, lanestest.Secret) {
			t.Error("the body is readable in the element")
		}
	}
}

func TestAnElementSaysWhatOptionsForLateEventsNeed(t *testing.T) {
	t.Parallel()
	ring := lanestest.NewRing(t)
	happened := time.Now().Add(-time.Hour).Truncate(time.Second)
	for name, date := range map[string]func(*webhook.Delivery){
		"a time":               func(d *webhook.Delivery) { d.At = happened },
		"a stage":              func(d *webhook.Delivery) { d.Stage, d.Message = meta.Read, 1<<63|7 },
		"both, and it is held": func(d *webhook.Delivery) { d.At, d.Stage, d.Message, d.Held = happened, meta.Sent, 7, true },
	} {
		item := ring.Item(t, lanestest.Customer(), "evt_1", 1, "crm")
		date(&item.Delivery)
		sealed, err := element.Seal(&item)
		if err != nil {
			t.Fatal(err)
		}
		e, err := element.Parse(string(sealed))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := e.Open(t.Context(), ring, "acme", item.Conversation)
		if diff := cmp.Diff(item.Delivery, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestAnElementDoesNotOpenAtAnotherPlace(t *testing.T) {
	t.Parallel()
	ring, who := lanestest.NewRing(t), lanestest.Customer()
	item, text := seal(t, ring, who)
	rows := map[string]func(e *element.Element) (business string, c webhook.Conversation){
		"another business":     func(*element.Element) (string, webhook.Conversation) { return "other", item.Conversation },
		"another conversation": func(*element.Element) (string, webhook.Conversation) { return "acme", "g:x" },
		"another delivery id": func(e *element.Element) (string, webhook.Conversation) {
			e.ID = "evt_2"
			return "acme", item.Conversation
		},
		"another customer": func(e *element.Element) (string, webhook.Conversation) {
			e.Customer = lanestest.Customer()
			return "acme", item.Conversation
		},
		"a changed body": func(e *element.Element) (string, webhook.Conversation) {
			e.Ciphertext[len(e.Ciphertext)-1] ^= 1
			return "acme", item.Conversation
		},
	}
	for name, move := range rows {
		e, err := element.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		business, conversation := move(e)
		if d, err := e.Open(t.Context(), ring, business, conversation); err != nil || !d.Erased || d.Body != nil {
			t.Errorf("%s: erased %v, %d bytes of body, %v", name, d.Erased, len(d.Body), err)
		}
	}
}

func TestWhatCannotBeSealedIsRefusedWithoutItsContent(t *testing.T) {
	t.Parallel()
	ring := lanestest.NewRing(t)
	rows := map[string]func(*webhook.Item){
		"no id":               func(i *webhook.Item) { i.Delivery.ID = "" },
		"a tilde in its id":   func(i *webhook.Item) { i.Delivery.ID = "a~b" },
		"a dot in its id":     func(i *webhook.Item) { i.Delivery.ID = "a.b" },
		"an id too long":      func(i *webhook.Item) { i.Delivery.ID = strings.Repeat("a", 121) },
		"no key":              func(i *webhook.Item) { i.Key = nil },
		"accepted at no time": func(i *webhook.Item) { i.Delivery.Accepted = time.Time{} },
	}
	for name, spoil := range rows {
		item := ring.Item(t, lanestest.Customer(), "evt_1", 1)
		spoil(&item)
		if out, err := element.Seal(&item); err == nil || out != nil || strings.Contains(err.Error(), lanestest.Secret) {
			t.Errorf("%s: sealed %d bytes, %v", name, len(out), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	ring, seeds := lanestest.NewRing(f), 0
	for _, who := range []string{lanestest.Customer(), "", "dated"} {
		_, text := seal(f, ring, who)
		if who == "dated" {
			item := ring.Item(f, lanestest.Customer(), "evt_1", 1, "crm")
			item.Delivery.Stage, item.Delivery.Message = meta.Read, 7
			sealed, err := element.Seal(&item)
			if err != nil {
				f.Fatal(err)
			}
			text = string(sealed)
		}
		for _, n := range []int{len(text), len(text) - 1, 60, 15, 14, 13, 0} {
			f.Add([]byte(text[:n]))
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("there are no seeds")
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := element.Parse(string(text))
		if err != nil {
			if e != nil || !errors.Is(err, element.ErrMalformed) {
				t.Errorf("an element beside %v", err)
			}
			return
		}
		if !bytes.HasSuffix(text, e.Ciphertext) || element.Stamp(e.Accepted) != string(text[:13]) {
			t.Error("what was read is not what stands there")
		}
		if total := len(e.ID) + len(e.Field) + len(e.Kind) + len(e.Handle) + len(e.Decision) + len(e.Customer) + len(e.Ciphertext); total > len(text) {
			t.Error("more was read than stands there")
		}
	})
}
