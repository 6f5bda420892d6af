package outbound_test

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// The synthetic ids of webhooks.md 4, of the customer 1 555 000 1234.
const (
	inboundRaw = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA="
	groupRaw   = "wamid.HBgSMTIwMzYzMDAwMDAwMDAwMDAxFQgAEhgWM0VCMDAwMTEyMjMzNDQ1NTY2QUFCQhwYCzE1NTUwMDAxMjM0FQIAAA=="
	callRaw    = "wacid.HBgLMTU1NTAwMDEyMzQVAgASGCAwMDExMjIzMzQ0NTU2Njc3ODg5OUFBQkJDQ0RERUVGRhwYCzE1NTUwMDA1Njc4FQIAFRoA"
	runners    = "Y2FwaV9ncm91cDox"
)

// sendRoom is a translator with people whom a business knows.
type sendRoom struct {
	*outbound.Translator

	api      *meta.API
	handles  *masking.Handles
	masker   *meta.IDMasker
	keys     *keys.Set
	people   *peopleBook
	business webhook.Business
	words    []string
}

// peopleBook is the Directory, and what the way back of ids reads.
type peopleBook struct {
	customers []*webhook.Customer
	calls     []string
	fails     error
}

func (b *peopleBook) ByHandle(_ context.Context, business, key string) (*webhook.Customer, error) {
	b.calls = append(b.calls, "handle")
	if b.fails != nil {
		return nil, b.fails
	}
	for _, c := range b.customers {
		if _, ok := c.ScopeOf(key); ok && c.Business == business {
			return c, nil
		}
	}
	return nil, webhook.ErrUnknownHandle
}

func (b *peopleBook) Bearer(ctx context.Context, business, key string) (*webhook.Customer, error) {
	return b.ByHandle(ctx, business, key)
}

func (b *peopleBook) Recall(_ context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	b.calls = append(b.calls, "recall")
	out := make([]webhook.Found, len(lookups))
	for i, l := range lookups {
		for _, c := range b.customers {
			for _, link := range c.Links {
				if c.Business == l.Business && !link.Lost && link.Identity.Canonical() == l.Identity.Canonical() {
					out[i].Customer = c
				}
			}
		}
	}
	return out, b.fails
}

func (b *peopleBook) Form(context.Context, *webhook.Customer, string) (string, bool, error) {
	return "", false, nil
}

func (b *peopleBook) Remember(context.Context, *webhook.Customer, []webhook.Form) error { return nil }

func (b *peopleBook) Enter(context.Context, string, webhook.Roll, []string) error { return nil }

// On: one medium was uploaded, one received.
func (b *peopleBook) On(_ context.Context, _ string, roll webhook.Roll, ids []string) ([]bool, error) {
	on := make([]bool, len(ids))
	for i, id := range ids {
		on[i] = roll == webhook.UploadedMedia && id == uploadedMedium || roll == webhook.ReceivedMedia && id == receivedMedium
	}
	return on, b.fails
}

// NumberOnly knows one authentication template.
func (b *peopleBook) NumberOnly(_ context.Context, _ *webhook.Business, name, language string) bool {
	return name == "login_code" && language == "en_US"
}

// drawnDigits gives every customer other digits, the same in every run.
type drawnDigits byte

func (d drawnDigits) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d)*7 + byte(i*i%11) + byte(i)
	}
	return len(p), nil
}

var _ io.Reader = drawnDigits(0)

func newSendRoom(tb testing.TB) *sendRoom {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	handles := masking.NewHandles(set)
	book := &peopleBook{}
	masker := meta.NewIDMasker(set, handles)
	room := &sendRoom{
		api: meta.NewAPI(), handles: handles, masker: masker, keys: set, people: book,
		business: webhook.Business{
			ID: "acme", RawRecipients: webhook.KnownRaw, Groups: map[string]webhook.Group{runners: {ID: runners, Hide: true}},
		},
	}
	room.Translator, err = outbound.New(room.options())
	if err != nil {
		tb.Fatal(err)
	}
	room.settle(tb, "ada", webhook.Hidden, "15550001234", "US.1000200030004000")
	room.settle(tb, "ben", webhook.Undecided, "447700900123")
	room.settle(tb, "cleo", webhook.Withdrawn, "IT.2233445566778899")
	room.settle(tb, "dora", webhook.Visible, "393335550111", "IT.9988776655443322")
	room.settle(tb, "erin", webhook.Shared, "5511987654321", "BR.1212343456567878")
	room.settle(tb, "finn", webhook.Hidden)
	room.settle(tb, "gwen", webhook.Hidden, "61491570156", "AU.ENT.5566778899")
	ada := room.customer("ada")
	ada.Scopes[runners] = &webhook.Standing{Handle: room.mint(tb, 105, "US"), Visibility: webhook.Hidden}
	room.words = append(room.words, "{ada in group}", ada.Scopes[runners].Handle.In(masking.View{ShowCountry: true}))
	ids := masker.For("acme")
	person, _ := ada.PersonIn(webhook.Direct)
	member, _ := ada.PersonIn(runners)
	room.words = append(
		room.words,
		"{ada's message}", ids.Mask(inboundRaw, []masking.Person{person}),
		"{ada's group message}", ids.Mask(groupRaw, []masking.Person{member}),
		"{ada's call}", ids.Mask(callRaw, []masking.Person{person}),
		"{ada's sealed message}", ids.Mask(inboundRaw, nil),
		"{ada's sealed group message}", ids.Mask(groupRaw, nil),
		"{sealed whole}", ids.Mask("wamid.of-no-known-form", nil),
		"{another business's message}", masker.For("rival").Mask(inboundRaw, []masking.Person{person}),
		"{nobody}", room.mint(tb, 150, "IT").In(masking.View{}),
		"{nobody phone}", room.mint(tb, 150, "IT").In(masking.View{Shape: masking.ShapePhone}),
		"{dora's message}", rawIDOf(tb, "393335550111"),
		"{stranger's message}", rawIDOf(tb, "12025550199"),
		"{ada's raw message}", inboundRaw,
	)
	return room
}

// options are those of a whole translator.
func (r *sendRoom) options() outbound.Options {
	return outbound.Options{
		API: r.api, Handles: r.handles, IDs: r.masker, WayBack: webhook.NewWayBack(r.masker, r.people, r.people),
		Directory: r.people, Forms: r.people, Rolls: r.people, Templates: r.people, Sealer: r.keys,
		Tokens:   sharing.NewTokens(r.keys),
		Rewriter: masking.NewRewriter(), Logger: slog.New(slog.DiscardHandler),
	}
}

// settle adds a customer who stands like this in the direct chat.
func (r *sendRoom) settle(tb testing.TB, name string, v webhook.Visibility, identities ...string) {
	tb.Helper()
	h := r.mint(tb, byte(len(r.people.customers)+1), "IT")
	c := &webhook.Customer{
		ID: name, Business: "acme", Version: 1,
		Scopes: map[string]*webhook.Standing{webhook.Direct: {Handle: h, Visibility: v, RawIDs: v == webhook.Visible}},
	}
	for _, text := range identities {
		who, ok := masking.IdentityOf(text)
		if !ok {
			tb.Fatalf("%q is no identity", text)
		}
		c.Links = append(c.Links, webhook.Link{Identity: who, Evidence: "message", Since: time.Unix(1_700_000_000, 0)})
	}
	if len(c.Links) > 0 {
		c.Envelope = c.Links[0].Identity
		share(c)
	}
	r.people.customers = append(r.people.customers, c)
	r.words = append(
		r.words,
		"{"+name+"}", h.In(masking.View{ShowCountry: true}),
		"{"+name+" phone}", h.Phone,
		"{"+name+" phone, misspelt}", h.Phone[:14]+string('0'+('9'-h.Phone[14])),
	)
}

// share makes the first number of a customer the one that they shared, if they are
// one who did.
func share(c *webhook.Customer) {
	if s := c.Scopes[webhook.Direct]; s.Visibility == webhook.Shared {
		s.Sharing = webhook.Sharing{State: sharing.Shared, Number: c.Links[0].Identity.Number}
	}
}

func (r *sendRoom) customer(id string) *webhook.Customer {
	for _, c := range r.people.customers {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (r *sendRoom) mint(tb testing.TB, seed byte, country string) masking.Handle {
	tb.Helper()
	h, err := r.handles.Mint(drawnDigits(seed), country)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// filled writes people and messages into a template such as {"to":"{ada}"}.
func (r *sendRoom) filled(text string) string { return strings.NewReplacer(r.words...).Replace(text) }

// call is a call of a route, by its name.
func (r *sendRoom) call(tb testing.TB, route, body string) outbound.Call {
	tb.Helper()
	for _, known := range r.api.Routes() {
		if known.Name == route {
			return outbound.Call{Business: &r.business, Route: known, Body: []byte(r.filled(body))}
		}
	}
	tb.Fatalf("there is no route %s", route)
	return outbound.Call{}
}

// query is a call of a route with parameters.
func (r *sendRoom) query(tb testing.TB, route, query string) outbound.Call {
	tb.Helper()
	c := r.call(tb, route, "")
	var err error
	if c.Query, err = url.ParseQuery(r.filled(query)); err != nil {
		tb.Fatal(err)
	}
	return c
}

// rawIDOf is the platform's id of a message of a number, made of one of the
// documents' with the digits exchanged.
func rawIDOf(tb testing.TB, number string) string {
	tb.Helper()
	n, ok := masking.ParseNumber(number)
	if !ok {
		tb.Fatalf("%q is no number", number)
	}
	h, err := masking.NewHandles(fixedCheck{}).Mint(drawnDigits(3), "US")
	if err != nil {
		tb.Fatal(err)
	}
	owner, _ := masking.ParseNumber("15550001234")
	local := meta.NewIDMasker(plainSealer{}, masking.NewHandles(fixedCheck{}))
	issued := local.For("x").Mask(inboundRaw, []masking.Person{{Handle: h, Numbers: []masking.Number{owner}}})
	sealed, err := local.Unmask("x", issued)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := sealed.Raw(masking.Identity{Number: n}, "")
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

type fixedCheck struct{}

func (fixedCheck) PRF(string, ...string) [32]byte { return [32]byte{1} }

type plainSealer struct{}

func (plainSealer) Seal(plain, _ []byte) ([]byte, error)  { return plain, nil }
func (plainSealer) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }
